"""The stock client against three instances: every transport, without sticky sessions."""

import pytest
import requests
import socketio

from person import TRANSPORTS


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_messages_cross_between_instances_over_every_transport(fleet, people, transport):
    alice = people.join(fleet, "alice", transport)
    bob = people.join_elsewhere(fleet, "bob", alice, transport)
    assert alice.transport == TRANSPORTS[transport][-1]
    general = alice.room("general")["id"]
    sent = alice.send(general, f"over {transport}")
    answered = bob.send(general, f"back over {transport}")
    bob.expect(general, f"over {transport}")
    alice.expect(general, f"back over {transport}")
    assert answered["message"]["seq"] == sent["message"]["seq"] + 1


def test_a_burst_arrives_in_the_order_of_the_room(unlimited_fleet, people):
    fleet = unlimited_fleet
    alice = people.join(fleet, "alice")
    listeners = [people.join(fleet, "bob", transport) for transport in TRANSPORTS]
    room = alice.get("room:create", {"name": fleet.new_room_name("burst")})["room"]["id"]
    for listener in listeners:
        listener.get("room:join", {"room": room})
    for number in range(100):
        alice.send(room, f"message {number}")
    for listener in listeners:
        listener.expect(room, "message 99")
        bodies = [message["body"] for message in listener.messages if message["room"] == room]
        assert [body for body in bodies if body] == [f"message {number}" for number in range(100)]


def test_a_direct_message_reaches_its_people_and_nobody_else(fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    carol = people.join(fleet, "carol")
    room = alice.get("dm:open", {"users": [bob.id]})["room"]["id"]
    assert bob.get("dm:open", {"users": [alice.id]})["room"]["id"] == room
    alice.send(room, "only for you")
    bob.expect(room, "only for you")
    # What is sent later to everybody has arrived, so what was meant for carol would have arrived too.
    general = alice.room("general")["id"]
    alice.send(general, "for everybody")
    carol.expect(general, "for everybody")
    assert not carol.heard(room, "only for you")
    assert carol.ask("message:list", {"room": room})["error"]["code"] == "not_found"


def test_a_retry_on_another_instance_gives_the_first_message(fleet, people):
    alice = people.join(fleet, "alice")
    general = alice.room("general")["id"]
    first = alice.send(general, "once", client_id="the-same-id")
    other = people.join_elsewhere(fleet, "alice", alice)
    again = requests.post(
        f"{fleet.url}api/v1/rooms/{general}/messages",
        json={"body": "once"},
        headers={"Authorization": f"Bearer {alice.token}", "Idempotency-Key": "the-same-id"},
    )
    assert again.status_code == 200
    assert again.json()["duplicate"] is True
    assert again.json()["message"]["seq"] == first["message"]["seq"]
    refused = alice.ask("message:send", {"room": general, "client_id": "the-same-id", "body": "something else"})
    assert refused["error"]["code"] == "idempotency_mismatch"
    assert not other.heard(general, "something else")


def test_what_was_missed_comes_with_the_next_sync(fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join(fleet, "bob")
    room = alice.get("room:create", {"name": fleet.new_room_name("missed")})["room"]["id"]
    bob.get("room:join", {"room": room})
    have = bob.get("session:sync", {"rooms": {room: 0}})["changes"][0]["to"]
    bob.leave()
    for number in range(5):
        alice.send(room, f"while away {number}")
    later = people.join(fleet, "carol")
    later.get("room:join", {"room": room})
    changes = later.get("session:sync", {"rooms": {room: have}})["changes"][0]
    assert [m["body"] for m in changes["messages"] if m["kind"] == "text"] == [f"while away {n}" for n in range(5)]
    assert changes["from"] == have and not changes["reset"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_wrong_token_is_refused_with_its_reason(fleet, transport):
    client = socketio.Client(reconnection=False)
    reasons = []
    client.on("connect_error", reasons.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(fleet.url, auth={"token": "nonsense"}, transports=TRANSPORTS[transport])
    assert reasons[0]["data"]["code"] == "unauthenticated"


@pytest.mark.parametrize(
    "event, request_, code, field",
    [
        ("message:send", {"room": "nonsense", "client_id": "a", "body": "hi"}, "invalid", "room"),
        ("message:send", {"room": "00000000-0000-7000-8000-000000000000", "client_id": "a", "body": "hi"}, "not_found", None),
        ("message:send", {"room": "general", "client_id": "a"}, "invalid", None),
        ("room:join", {"room": "00000000-0000-7000-8000-000000000000"}, "not_found", None),
        ("room:create", {"name": "No Spaces!"}, "invalid", "name"),
        ("room:create", {"name": "general"}, "conflict", "name"),
        ("dm:open", {"users": []}, "invalid", "users"),
        ("no:such:event", {}, "invalid", "event"),
    ],
)
def test_bad_requests_get_a_clear_error(fleet, people, event, request_, code, field):
    error = people.join(fleet, "alice").ask(event, request_)["error"]
    assert error["code"] == code
    assert error["message"] and error["request_id"]
    if field:
        assert error["field"] == field


@pytest.mark.parametrize("body, code", [("", "invalid"), (" \n ", "invalid"), ("x" * 8193, "too_large")])
def test_an_empty_or_too_long_message_changes_nothing(fleet, people, body, code):
    alice = people.join(fleet, "alice")
    room = alice.get("room:create", {"name": fleet.new_room_name("empty")})["room"]
    assert alice.ask("message:send", {"room": room["id"], "client_id": "a", "body": body})["error"]["code"] == code
    assert alice.room(room["name"])["last_seq"] == room["last_seq"]


def test_logging_out_cuts_the_sockets_of_that_session(fleet, people):
    alice = people.join(fleet, "alice")
    gone = requests.delete(
        f"{fleet.url}api/v1/sessions/current", headers={"Authorization": f"Bearer {alice.token}"}
    )
    assert gone.status_code == 204
    again = requests.get(f"{fleet.url}api/v1/me", headers={"Authorization": f"Bearer {alice.token}"})
    assert again.status_code == 401
    assert again.json()["code"] == "unauthenticated"


def test_a_page_of_another_origin_is_refused(fleet):
    handshake = f"{fleet.url}socket.io/?EIO=4&transport=polling"
    assert requests.get(handshake, headers={"Origin": fleet.url.rstrip("/")}).status_code == 200
    assert requests.get(handshake, headers={"Origin": "https://evil.example"}).status_code == 403
    assert requests.get(handshake, headers={"Origin": "null"}).status_code == 403
    login = requests.post(f"{fleet.url}api/v1/sessions", json={}, headers={"Origin": "https://evil.example"})
    assert login.status_code == 403
