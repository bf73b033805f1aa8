"""Rooms and messages over HTTP: for each route the answer, a stranger, and bad input."""

import uuid

import pytest

from api import Api
from person import log_in

NOWHERE = str(uuid.uuid4())


@pytest.fixture
def owner(fleet):
    return member(fleet, "owner")


@pytest.fixture
def stranger(fleet):
    return member(fleet, "stranger")


def member(fleet, name):
    api = Api(fleet, log_in(fleet, fleet.add_user(name)))
    api.id = api.get("GET", "me")["me"]["id"]
    return api


@pytest.fixture
def private(fleet, owner):
    """A private room of the owner's, with three messages."""
    room = owner.get("POST", "rooms", {"name": fleet.new_room_name("private"), "kind": "private"}, status=201)["room"]
    for number in range(3):
        send(owner, room["id"], f"number {number}")
    return room["id"]


def send(api, room, body, key=None, status=201, **more):
    answer = api.ask(
        "POST", f"rooms/{room}/messages", {"body": body, **more}, headers={"Idempotency-Key": key or str(uuid.uuid4())}
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def bodies(page):
    return [message["body"] for message in page["messages"] if message["kind"] == "text"]


ROUTES = [
    ("GET", "rooms", None), ("POST", "rooms", {"name": "x"}), ("GET", "rooms/{room}", None),
    ("PATCH", "rooms/{room}", {"topic": "x"}), ("GET", "rooms/{room}/members", None),
    ("PUT", "rooms/{room}/members/{user}", {}), ("DELETE", "rooms/{room}/members/{user}", None),
    ("POST", "dms", {"users": []}), ("GET", "rooms/{room}/changes", None), ("GET", "rooms/{room}/messages", None),
    ("POST", "rooms/{room}/messages", {"body": "x"}), ("GET", "rooms/{room}/messages/2", None),
    ("PATCH", "rooms/{room}/messages/2", {"body": "x"}), ("DELETE", "rooms/{room}/messages/2", None),
    ("PUT", "rooms/{room}/messages/2/reactions/%F0%9F%91%8D", None),
    ("DELETE", "rooms/{room}/messages/2/reactions/%F0%9F%91%8D", None), ("PUT", "rooms/{room}/read", {"seq": 1}),
    ("GET", "search?q=x", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=lambda part: part if isinstance(part, str) else "")
def test_who_is_not_logged_in_gets_nothing(fleet, method, path, body):
    path = path.format(room=NOWHERE, user=NOWHERE)
    Api(fleet).refused(method, path, body, status=401, code="unauthenticated")


@pytest.mark.parametrize(
    ("method", "path", "body"), [route for route in ROUTES if "{room}" in route[1]],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_private_room_does_not_exist_for_a_stranger(owner, stranger, private, method, path, body):
    for room in (private, NOWHERE):
        url = stranger.url + path.format(room=room, user=stranger.id)
        answer = stranger.session.request(method, url, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}, timeout=20)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), answer.text
    assert bodies(owner.get("GET", f"rooms/{private}/messages")) == ["number 0", "number 1", "number 2"]


def test_a_method_that_an_address_does_not_take_is_told_from_an_address_that_is_not_there(owner, fleet):
    for path, allowed in (("rooms", "GET, HEAD, POST"), (f"rooms/{NOWHERE}/messages/1", "DELETE, GET, HEAD, PATCH")):
        answer = owner.session.request("PUT", owner.url + path, json={}, timeout=20)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert (answer.json()["code"], answer.json()["field"]) == ("invalid", "method")
    owner.refused("PUT", "nothing/here", {}, status=404, code="not_found")


BAD = [
    ("POST", "rooms", {}, "name"), ("POST", "rooms", {"name": ""}, "name"), ("POST", "rooms", {"name": 7}, "name"),
    ("POST", "rooms", {"name": "fine", "kind": "direct"}, None), ("POST", "rooms", {"name": "fine", "kind": "x"}, "kind"),
    ("PATCH", "rooms/{room}", {}, "request"), ("PATCH", "rooms/{room}", {"name": ""}, "name"),
    ("PUT", "rooms/{room}/members/{user}", {"role": "king"}, "role"),
    ("POST", "dms", {}, "users"), ("POST", "dms", {"users": ["x"]}, None),
    ("GET", "rooms/{room}/changes?since=x", None, "since"), ("GET", "rooms/{room}/messages?limit=x", None, "limit"),
    ("GET", "rooms/{room}/messages?before_seq=1&after_seq=2", None, None),
    ("PATCH", "rooms/{room}/messages/2", {"body": ""}, "body"), ("PATCH", "rooms/{room}/messages/2", {}, "body"),
    ("PUT", "rooms/{room}/messages/2/reactions/nonsense", None, "emoji"), ("PUT", "rooms/{room}/read", {}, "seq"),
    ("PUT", "rooms/{room}/read", {"seq": "1"}, "seq"), ("GET", "search?q=", None, "q"),
    ("GET", "search?q=x&cursor=nonsense", None, "cursor"), ("POST", "rooms/{room}/messages", {"body": "x"}, "Idempotency-Key"),
    ("POST", "rooms", "x" * 10, "request"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), BAD, ids=lambda part: str(part)[:60])
def test_bad_input_is_refused_and_named(owner, private, method, path, body, field):
    answer = owner.refused(method, path.format(room=private, user=owner.id), body, status=422, code="invalid")
    if field:
        assert answer.json()["field"] == field


@pytest.mark.parametrize("path", ["rooms/nonsense", "rooms/nonsense/messages", "rooms/{room}/messages/x", "rooms/{room}/messages/999"])
def test_what_is_no_id_does_not_exist(owner, private, path):
    owner.refused("GET", path.format(room=private), status=404, code="not_found")


def test_a_room_is_made_shown_changed_archived_and_restored(fleet, owner, stranger):
    name, other = fleet.new_room_name("made"), fleet.new_room_name("renamed")
    made = owner.get("POST", "rooms", {"name": name, "topic": "About"}, status=201)["room"]
    assert (made["name"], made["topic"], made["kind"], made["role"]) == (name, "About", "public", "owner")
    assert made["id"] in [room["id"] for room in owner.get("GET", "rooms")["rooms"]]
    path = f"rooms/{made['id']}"
    assert owner.get("GET", path)["room"]["name"] == name
    owner.refused("POST", "rooms", {"name": name}, status=409, code="conflict")
    stranger.refused("PATCH", path, {"name": other}, status=403)
    assert owner.get("PATCH", path, {"name": other, "topic": ""})["room"]["name"] == other
    assert owner.get("PATCH", path, {"archived": True})["room"]["archived_at"]
    owner_key = str(uuid.uuid4())
    assert send(owner, made["id"], "too late", owner_key, status=409)["code"] == "archived"
    assert "archived_at" not in owner.get("PATCH", path, {"archived": False})["room"]
    assert send(owner, made["id"], "in time", owner_key)["message"]["body"] == "in time"


def test_people_come_into_a_room_get_a_role_and_go(fleet, owner, stranger, private):
    path = f"rooms/{private}/members"
    owner.get("PUT", f"{path}/{stranger.id}", {"role": "moderator"})
    roles = {entry["user"]["id"]: entry["role"] for entry in stranger.get("GET", path)["members"]}
    assert roles == {owner.id: "owner", stranger.id: "moderator"}
    stranger.refused("DELETE", f"{path}/{owner.id}")
    assert owner.get("DELETE", f"{path}/{stranger.id}", status=204) is None
    stranger.refused("GET", path, status=404, code="not_found")
    public = owner.get("POST", "rooms", {"name": fleet.new_room_name("public")}, status=201)["room"]["id"]
    assert stranger.get("PUT", f"rooms/{public}/members/{stranger.id}")["room"]["joined"]
    stranger.get("DELETE", f"rooms/{public}/members/{stranger.id}", status=204)
    assert not stranger.get("GET", f"rooms/{public}")["room"].get("joined")


def test_the_same_people_have_one_conversation(owner, stranger):
    first = owner.get("POST", "dms", {"users": [stranger.id]}, status=201)["room"]
    again = stranger.get("POST", "dms", {"users": [owner.id]})["room"]
    assert first["id"] == again["id"] and first["kind"] == "direct"
    assert set(first["people"]) == {owner.id, stranger.id}


def test_a_send_with_the_same_key_is_one_message(owner, private):
    key = str(uuid.uuid4())
    first, again = send(owner, private, "once", key), send(owner, private, "once", key, status=200)
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first["message"] == again["message"]
    assert send(owner, private, "another", key, status=422)["code"] == "idempotency_mismatch"


def test_messages_are_paged_read_edited_and_deleted(owner, private):
    path = f"rooms/{private}/messages"
    page = owner.get("GET", f"{path}?limit=2")
    assert bodies(page) == ["number 1", "number 2"] and page["has_before"] and not page["has_after"]
    before = owner.get("GET", f"{path}?before_seq={page['messages'][0]['seq']}")
    assert bodies(before) == ["number 0"]
    assert bodies(owner.get("GET", f"{path}?after_seq={page['messages'][0]['seq']}")) == ["number 2"]
    seq = page["messages"][1]["seq"]
    reply = send(owner, private, "an answer", reply_to=seq)["message"]
    assert reply["reply"]["seq"] == seq and reply["reply"]["body"] == "number 2"
    edited = owner.get("PATCH", f"{path}/{seq}", {"body": "number two"})["message"]
    assert edited["body"] == "number two" and edited["edited_at"] and edited["changed_seq"] > seq
    assert owner.get("GET", f"{path}/{seq}")["message"] == edited
    deleted = owner.get("DELETE", f"{path}/{seq}")["message"]
    assert deleted["body"] == "" and deleted["deleted_by"] == owner.id


def test_a_message_is_changed_by_its_author_only(owner, stranger, private):
    owner.get("PUT", f"rooms/{private}/members/{stranger.id}")
    stranger.refused("PATCH", f"rooms/{private}/messages/2", {"body": "mine"})
    stranger.refused("DELETE", f"rooms/{private}/messages/2")


def test_reactions_come_and_go_and_count_once(owner, private):
    path = f"rooms/{private}/messages/2/reactions/%F0%9F%91%8D"
    for _ in range(2):
        assert [(one["emoji"], one["count"]) for one in owner.get("PUT", path)["reactions"]] == [("👍", 1)]
    for _ in range(2):
        assert owner.get("DELETE", path)["reactions"] == []


def test_changes_since_a_position_are_what_a_client_lacks(owner, private):
    owner.get("PATCH", f"rooms/{private}/messages/2", {"body": "changed"})
    changes = owner.get("GET", f"rooms/{private}/changes?since=3")
    assert (changes["from"], changes["to"], changes["reset"]) == (3, 5, False)
    assert sorted(message["changed_seq"] for message in changes["messages"]) == [4, 5]


def test_a_reading_position_is_set(owner, stranger, private):
    owner.get("PUT", f"rooms/{private}/members/{stranger.id}")
    send(owner, private, "new")
    last = stranger.get("GET", f"rooms/{private}")["room"]["last_seq"]
    read = stranger.get("PUT", f"rooms/{private}/read", {"seq": last})
    assert (read["read_seq"], read["unread"]) == (last, 0)


def test_only_what_one_may_read_is_found(owner, stranger, private):
    word = f"needle{uuid.uuid4().hex[:8]}"
    send(owner, private, f"a {word} here")
    found = owner.get("GET", f"search?q={word}&room={private}")["results"]
    assert [result["message"]["body"] for result in found] == [f"a {word} here"]
    assert found[0]["room"]["id"] == private
    assert stranger.get("GET", f"search?q={word}")["results"] == []


def test_a_plus_in_a_query_is_a_blank_as_libraries_write_it(owner, private):
    word = f"plus{uuid.uuid4().hex[:8]}"
    send(owner, private, f"{word} between words")
    for query in (f"{word}+words", f"{word}%20words", f"%22{word}+between%22"):
        assert len(owner.get("GET", f"search?q={query}")["results"]) == 1
    assert owner.get("GET", f"search?q=%22{word}%2Bwords%22")["results"] == []


def test_what_gets_no_further_than_the_door_is_refused_in_the_same_form(owner, fleet):
    owner.refused("POST", "rooms", {"name": "x" * 70_000}, status=413, code="too_large")
    answer = owner.ask("POST", "rooms", {"name": "mine"}, headers={"Origin": "http://elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_list_that_did_not_change_is_not_sent_again_from_any_instance(owner, fleet):
    made = owner.get("POST", "rooms", {"name": fleet.new_room_name("tagged")}, status=201)["room"]["id"]
    tag = owner.ask("GET", f"rooms/{made}").headers["ETag"]
    for _ in range(12):  # each on a connection of its own, so on all instances
        again = Api(fleet, owner.token).ask("GET", f"rooms/{made}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    owner.get("PATCH", f"rooms/{made}", {"topic": "changed"})
    changed = owner.ask("GET", f"rooms/{made}", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["ETag"] != tag


def test_what_is_done_over_http_is_heard_on_sockets(fleet, people, owner, private):
    ear = people.join(fleet, "ear")
    owner.get("PUT", f"rooms/{private}/members/{ear.id}")
    send(owner, private, "over HTTP")
    ear.expect(private, "over HTTP")
