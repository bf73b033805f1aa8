"""Who gets in, and who has to go at once: sessions, tokens, invites and bans over HTTP and Socket.IO."""

import time

import pytest
import requests
import socketio

from api import Api
from fleet import PASSWORD
from person import DEADLINE_S, Person, eventually, log_in, on_another_instance

# What is promised with Redis; the machine of the tests is busy with other things, too.
CUT_S_MAX = 2


@pytest.fixture
def admin(fleet):
    return Api(fleet, log_in(fleet, fleet.add_user("root", role="admin")))


def user_id(api, name):
    return next(user["id"] for user in api.get("GET", "users")["users"] if user["name"] == name)


def expect_cut(person, seconds=CUT_S_MAX, code="unauthenticated"):
    started = time.monotonic()
    eventually(lambda: not person.connected, f"{person.name} is cut", seconds=max(seconds, DEADLINE_S))
    assert time.monotonic() - started < seconds
    if code:
        assert [fatal["code"] for fatal in person.fatal] == [code]


def refused_connection(fleet, token):
    client = socketio.Client(reconnection=False)
    reasons = []
    client.on("connect_error", reasons.append)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(fleet.url, auth={"token": token}, transports=["websocket"])
    return reasons[0]["data"]["code"]


def test_a_revoked_session_loses_its_sockets_on_every_instance_and_others_stay(fleet, people):
    first = people.join(fleet, "alice")
    elsewhere = on_another_instance(fleet, first.name, first)
    people.keep(elsewhere)
    api = Api(fleet, first.token)
    sessions = api.get("GET", "me/sessions")["sessions"]
    assert [session["current"] for session in sessions].count(True) == 1
    other = next(session for session in sessions if not session["current"])
    api.get("DELETE", f"me/sessions/{other['id']}", status=204)
    expect_cut(elsewhere)
    assert refused_connection(fleet, elsewhere.token) == "unauthenticated"
    assert first.ask("room:list")["ok"]


def test_disabling_an_account_cuts_its_sockets_and_keeps_it_out(fleet, people, admin):
    alice = people.join(fleet, "alice")
    people.keep(elsewhere := on_another_instance(fleet, alice.name, alice))
    admin.get("PATCH", f"users/{alice.id}", {"disabled": True})
    expect_cut(alice)
    expect_cut(elsewhere)
    Api(fleet).refused("POST", "sessions", {"name": alice.name, "password": PASSWORD}, 401, "unauthenticated")
    admin.get("PATCH", f"users/{alice.id}", {"disabled": False})
    Api(fleet).get("POST", "sessions", {"name": alice.name, "password": PASSWORD}, status=201)


def test_a_ban_cuts_sockets_with_its_reason_and_a_lifted_one_lets_in_again(fleet, people, admin):
    eve = people.join(fleet, "eve")
    ban = admin.get("POST", "bans", {"user": eve.id, "reason": "spam"}, status=201)["ban"]
    expect_cut(eve, code="forbidden")
    assert "spam" in eve.fatal[0]["message"]
    assert refused_connection(fleet, eve.token) == "forbidden"
    admin.get("DELETE", f"bans/{ban['id']}", status=204)
    people.keep(Person(fleet, eve.name, token=eve.token))


def test_deleting_an_account_cuts_it_and_leaves_its_messages(fleet, people, admin):
    alice = people.join(fleet, "alice")
    bob = people.join(fleet, "bob")
    general = alice.room("general")["id"]
    sent = alice.send(general, "remember me")["message"]
    bob.expect(general, "remember me")
    admin.get("DELETE", f"users/{alice.id}", status=204)
    expect_cut(alice)
    eventually(lambda: any(u["id"] == alice.id and u["deleted"] for u in bob.updates), "bob hears of it")
    left = bob.get("message:list", {"room": general, "around_seq": sent["seq"]})["messages"]
    assert any(message["body"] == "remember me" and message["author"] == alice.id for message in left)
    gone = admin.get("GET", f"users/{alice.id}")["user"]
    assert gone["deleted"] and gone["display_name"] == "Deleted user" and gone["name"].startswith("deleted-")


def test_another_role_counts_for_open_sockets_without_a_new_login(fleet, people, admin):
    mona = people.join(fleet, "mona")
    admin.get("PATCH", f"users/{mona.id}", {"role": "moderator"})
    eventually(lambda: mona.ready["me"]["role"] == "moderator", "the client comes back as a moderator")
    assert mona.fatal == []


def test_a_new_password_ends_the_other_logins_and_renews_the_own_secret(fleet, people):
    alice = people.join(fleet, "alice")
    browser = Api(fleet)
    browser.get("POST", "sessions", {"name": alice.name, "password": PASSWORD}, status=201)
    before = browser.session.cookies["chat_session"]
    browser.refused("POST", "me/password", {"current": "wrong", "new": "another password"}, 422, "invalid")
    browser.get("POST", "me/password", {"current": PASSWORD, "new": "another password"}, status=204)
    assert browser.session.cookies["chat_session"] != before
    assert browser.get("GET", "me")["me"]["name"] == alice.name
    expect_cut(alice)
    old = requests.get(f"{browser.url}me", cookies={"chat_session": before}, timeout=DEADLINE_S)
    assert old.status_code == 401


def test_a_bot_speaks_with_its_token_until_it_is_revoked(fleet, people, admin):
    name = fleet.new_room_name("robo")
    bot = admin.get("POST", "users", {"name": name, "role": "bot"}, status=201)["user"]
    issued = admin.get("POST", f"users/{bot['id']}/tokens", {"name": "ci"}, status=201)
    people.keep(robo := Person(fleet, name, token=issued["secret"]))
    general = robo.room("general")["id"]
    robo.send(general, "beep")
    api = Api(fleet, issued["secret"])
    assert api.get("GET", "me")["me"]["role"] == "bot"
    api.refused("GET", "me/tokens")
    api.refused("POST", "users", {"name": "x"})
    listed = admin.get("GET", f"users/{bot['id']}/tokens")["tokens"]
    assert [token["name"] for token in listed] == ["ci"] and "secret" not in listed[0]
    admin.get("DELETE", f"users/{bot['id']}/tokens/{issued['token']['id']}", status=204)
    expect_cut(robo)
    api.refused("GET", "me", status=401, code="unauthenticated")


def test_an_invite_link_makes_an_account_and_a_cancelled_one_does_not(fleet, admin):
    issued = admin.get("POST", "invites", {"uses_max": 2}, status=201)
    code = issued["code"]
    assert issued["url"] == f"{fleet.url}#invite={code}"
    someone = Api(fleet)
    assert someone.get("GET", f"signup?invite={code}")["invite"] == {"valid": True, "rooms": []}
    name = fleet.new_room_name("carol")
    someone.refused("POST", "signup", {"name": name, "password": PASSWORD}, 422, "invalid")
    me = someone.get("POST", "signup", {"name": name, "password": PASSWORD, "invite": code}, status=201)["me"]
    assert me["role"] == "member"
    assert someone.get("GET", "me")["me"]["id"] == me["id"]
    someone.refused("GET", "invites")
    admin.get("DELETE", f"invites/{issued['invite']['id']}", status=204)
    assert someone.get("GET", f"signup?invite={code}")["invite"] == {"valid": False}
    late = {"name": fleet.new_room_name("dave"), "password": PASSWORD, "invite": code}
    Api(fleet).refused("POST", "signup", late, 422, "invalid")


def test_the_audit_log_tells_who_did_what_from_where(fleet, people, admin):
    alice = people.join(fleet, "alice")
    admin.get("PATCH", f"users/{alice.id}", {"display_name": "Alice A."})
    entry = admin.get("GET", "audit?action=user.display_name&limit=1")["entries"][0]
    assert entry["actor"]["kind"] == "person"
    assert entry["subject"] == {"kind": "user", "id": alice.id, "name": alice.name}
    assert entry["detail"]["to"] == "Alice A."
    assert entry["address"] in ("127.0.0.1", "::1")
    page = admin.get("GET", "audit?limit=2")
    older = admin.get("GET", f"audit?limit=2&cursor={page['next']}")["entries"]
    assert not {e["id"] for e in older} & {e["id"] for e in page["entries"]}
    Api(fleet, alice.token).refused("GET", "audit")


def test_people_can_do_nothing_that_is_for_admins(fleet, people):
    alice = people.join(fleet, "alice")
    api = Api(fleet, alice.token)
    for method, path, body in [
        ("POST", "users", {"name": "eve"}),
        ("PATCH", f"users/{alice.id}", {"role": "admin"}),
        ("DELETE", f"users/{alice.id}", None),
        ("POST", f"users/{alice.id}/password", {"password": "another password"}),
        ("DELETE", f"users/{alice.id}/sessions", None),
        ("POST", f"users/{alice.id}/tokens", {"name": "mine"}),
        ("POST", "invites", {}),
        ("POST", "bans", {"address": "192.0.2.1", "reason": ""}),
        ("GET", "audit", None),
    ]:
        api.refused(method, path, body)
    Api(fleet).refused("GET", "me/sessions", status=401, code="unauthenticated")


def test_guessing_a_password_gets_slower_but_not_for_a_known_browser(fleet):
    name = fleet.add_user("alice")
    browser = Api(fleet)
    browser.get("POST", "sessions", {"name": name, "password": PASSWORD}, status=201)
    assert browser.session.cookies["chat_device"]
    guesser = Api(fleet)
    # Each instance counts for itself, and any of them may answer.
    for _ in range(3 * 6 + 20):
        answer = guesser.ask("POST", "sessions", {"name": name, "password": "guess"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429, answer.text
    assert answer.json()["code"] == "rate_limited" and answer.json()["retry_ms"] > 0
    assert int(answer.headers["Retry-After"]) >= 1
    browser.get("POST", "sessions", {"name": name, "password": PASSWORD}, status=201)


def test_a_page_of_another_origin_changes_nothing_and_a_secure_page_gets_secure_cookies(fleet):
    name = fleet.add_user("alice")
    login = {"name": name, "password": PASSWORD}
    evil = Api(fleet).ask("POST", "sessions", login, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    plain = Api(fleet).ask("POST", "sessions", login, headers={"X-Forwarded-Proto": "https"})
    cookies = plain.headers["Set-Cookie"]
    assert "chat_session=" in cookies and "HttpOnly" in cookies and "SameSite=Lax" in cookies
    # Nobody said that this peer is a proxy.
    assert "Secure" not in cookies and "__Host-" not in cookies


def test_what_clients_send_must_have_the_right_types(fleet, admin):
    for body in [{"name": {"$ne": 1}, "password": PASSWORD}, {"name": ["a"], "password": PASSWORD}, [], 1, None]:
        answer = Api(fleet).ask("POST", "sessions", body)
        assert answer.status_code in (400, 422), answer.text
    admin.refused("POST", "invites", {"uses_max": 1e30}, 422, "invalid")
    admin.refused("POST", "invites", {"uses_max": -1}, 422, "invalid")
    admin.refused("POST", "bans", {"address": "everywhere", "reason": ""}, 422, "invalid")
    admin.refused("POST", "bans", {"address": "127.0.0.0/8", "reason": ""}, 422, "invalid")
    admin.refused("PATCH", "users/nonsense", {"role": "member"}, 404, "not_found")


def test_a_banned_network_is_cut_and_kept_out(own_fleet_behind_proxy, people):
    fleet = own_fleet_behind_proxy
    near = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    name = fleet.add_user("eve")
    token = log_in(fleet, name)
    people.keep(eve := Person(fleet, name, token=token, headers=near))
    people.keep(alice := Person(fleet, fleet.add_user("alice")))
    admin = Api(fleet, log_in(fleet, fleet.add_user("root", role="admin")))
    admin.get("POST", "bans", {"address": "192.0.2.0/24", "reason": ""}, status=201)
    expect_cut(eve)
    login = {"name": name, "password": PASSWORD}
    refused = Api(fleet).ask("POST", "sessions", login, headers=near)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    far = Api(fleet).ask("POST", "sessions", login, headers={**near, "X-Forwarded-For": "198.51.100.1"})
    assert far.status_code == 201
    # Behind a proxy that is trusted TLS counts.
    assert "__Host-chat_session=" in far.headers["Set-Cookie"] and "Secure" in far.headers["Set-Cookie"]
    assert alice.ask("room:list")["ok"]


def test_without_redis_an_ended_session_is_cut_by_the_next_comparison(own_fleet_behind_proxy, people):
    fleet = own_fleet_behind_proxy
    alice = people.join(fleet, "alice")
    people.keep(elsewhere := on_another_instance(fleet, alice.name, alice))
    fleet.kill_redis()
    api = Api(fleet, alice.token)
    api.get("DELETE", "me/sessions", status=204)
    # The comparison runs every second in this fleet instead of every thirty.
    expect_cut(elsewhere, seconds=DEADLINE_S)
    assert alice.ask("room:list")["ok"]


def test_a_person_has_a_bounded_number_of_sockets_on_an_instance(own_fleet_behind_proxy, people):
    fleet = own_fleet_behind_proxy
    name = fleet.add_user("alice")
    token = log_in(fleet, name)
    # Four on each of two instances; the kernel spreads the connections, so eight are the most there can be.
    refusals = []
    for _ in range(9):
        try:
            people.keep(Person(fleet, name, token=token))
        except socketio.exceptions.ConnectionError as error:
            refusals.append(error)
    assert refusals
    people.keep(Person(fleet, fleet.add_user("bob")))
