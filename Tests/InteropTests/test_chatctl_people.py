"""What `chatctl` does to people and rooms, seen by the people."""

import json
import os

import requests

from chatctl import answer, data, run, start, terminal
from fleet import PASSWORD
from person import DEADLINE_S, Person, eventually, log_in


def api(chat, method, path, token=None, **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"{chat.url}api/v1/{path}", headers=headers, timeout=DEADLINE_S, **more)


def actions(chat):
    return [entry["action"] for entry in data(chat, "audit", "ls", "--limit", "200")]


def test_a_ban_keeps_a_person_out_until_it_is_lifted(chat):
    person = Person(chat, chat.add_user("boris"))
    ban = data(chat, "ban", "add", person.name, "--for", "1h", "--reason", "spam")
    eventually(lambda: not person.connected, "the connection is cut")
    login = {"name": person.name, "password": PASSWORD}
    assert api(chat, "POST", "sessions", json=login).status_code == 403
    assert [b["reason"] for b in data(chat, "ban", "ls") if b["id"] == ban["id"]] == ["spam"]
    assert data(chat, "ban", "rm", ban["id"])["lifted_at"]
    assert log_in(chat, person.name)
    assert run(chat, "ban", "rm", ban["id"]).returncode == 67
    assert run(chat, "ban", "rm", ban["id"], "--missing-ok").returncode == 0
    assert {"ban.add", "ban.lift"} <= set(actions(chat))


def test_a_range_of_addresses_is_banned(chat):
    ban = data(chat, "ban", "add", "203.0.113.0/24")
    assert ban["address"] == "203.0.113.0/24"
    assert data(chat, "ban", "rm", ban["id"])["lifted_at"]


def test_an_invite_makes_as_many_accounts_as_it_says(chat):
    chat.add_user("isaac")  # the very first account takes the setup's link instead
    made = answer(chat, "invite", "create", "--uses", "1", "--expires", "1h")
    assert made["url"].endswith(f"#invite={made['code']}")
    name = chat.new_user_name("irma")
    body = {"name": name, "password": PASSWORD, "invite": made["code"]}
    assert api(chat, "POST", "signup", json=body).status_code == 201
    assert api(chat, "POST", "signup", json={**body, "name": name + "x"}).status_code == 422
    other = answer(chat, "invite", "create")
    assert run(chat, "invite", "revoke", other["data"]["id"]).returncode == 0
    assert not api(chat, "GET", f"signup?invite={other['code']}").json()["invite"]["valid"]
    assert other["data"]["id"] not in [invite["id"] for invite in data(chat, "invite", "ls")]
    assert run(chat, "invite", "revoke", other["data"]["id"]).returncode == 67


def test_a_token_lets_a_program_in_until_it_is_revoked(chat):
    name = chat.new_user_name("robot")
    data(chat, "user", "add", name, "--role", "bot")
    done = run(chat, "token", "create", name, "--name", "ci")
    secret = done.stdout.strip()
    assert done.returncode == 0 and secret not in done.stderr
    assert api(chat, "GET", "me", secret).json()["me"]["name"] == name
    bot = Person(chat, name, token=secret)
    token = data(chat, "token", "ls", name)[0]
    assert token["name"] == "ci" and secret not in json.dumps(token)
    assert run(chat, "token", "revoke", name, token["id"]).returncode == 0
    eventually(lambda: not bot.connected, "the program is cut")
    assert api(chat, "GET", "me", secret).status_code == 401
    assert run(chat, "token", "revoke", name, token["id"]).returncode == 67
    assert run(chat, "token", "create", name, "--name", "x", "--scopes", "root").returncode == 64


def test_an_announcement_reaches_everybody_or_one_room(chat):
    person = Person(chat, chat.add_user("berta"))
    assert run(chat, "broadcast", "back at noon", "--level", "warn").returncode == 0

    def notices():
        return [notice for event, notice in person.log if event == "notice"]

    eventually(lambda: notices(), "the announcement comes")
    assert (notices()[0]["level"], notices()[0]["text"]) == ("warn", "back at noon")
    data(chat, "room", "create", "elsewhere")
    assert run(chat, "broadcast", "not for you", "--room", "elsewhere").returncode == 0
    assert run(chat, "broadcast", "for you", "--room", "general").returncode == 0
    eventually(lambda: len(notices()) == 2, "the second announcement comes")
    assert notices()[1]["text"] == "for you"
    assert actions(chat).count("broadcast") == 3
    person.leave()


def test_an_announcement_that_nobody_can_hear_is_an_error(chat):
    done = run(chat, "broadcast", "hello", settings={"REDIS_URL": "redis://127.0.0.1:1"})
    assert done.returncode == 69, done.stderr


def test_direct_messages_are_shown_only_when_that_is_written_down(chat):
    anna, paul = (Person(chat, chat.add_user(name)) for name in ("anna", "paul"))
    room = anna.get("dm:open", {"users": [paul.id]})["room"]["id"]
    anna.send(room, "between us")
    assert {anna.name, paul.name} == set(next(d for d in data(chat, "dm", "ls") if d["room"]["id"] == room)["people"])
    assert "between us" not in run(chat, "dm", "show", room).stdout
    before = actions(chat).count("dm.reveal")
    assert "between us" in run(chat, "dm", "show", room, "--reveal").stdout
    assert actions(chat).count("dm.reveal") == before + 1
    assert run(chat, "dm", "show", "no-such-room").returncode == 67
    anna.leave()
    paul.leave()


def test_a_room_is_followed_live(chat):
    person = Person(chat, chat.add_user("tina"))
    room = data(chat, "room", "create", "followed", "--members", person.name)["id"]
    person.send(room, "before")
    tail = start(chat, "message", "tail", "followed", "-n", "1", "--json")
    try:
        assert json.loads(tail.stdout.readline())["body"] == "before"
        person.send(room, "after")
        assert json.loads(tail.stdout.readline())["body"] == "after"
    finally:
        tail.terminate()
        tail.wait()
        tail.stdout.close()
        tail.stderr.close()
    person.leave()


def test_messages_are_found_shown_and_deleted(chat):
    person = Person(chat, chat.add_user("sara"))
    room = data(chat, "room", "create", "searched", "--members", person.name)["id"]
    seq = person.send(room, "a needle in it")["message"]["seq"]
    assert [m["seq"] for m in data(chat, "message", "search", "needle", "--in", "searched")] == [seq]
    assert data(chat, "message", "show", "searched", str(seq))[0]["body"] == "a needle in it"
    assert run(chat, "message", "rm", "searched", str(seq)).returncode == 64, "nobody was asked"
    assert data(chat, "message", "rm", "searched", str(seq), "--yes")["deleted_at"]
    eventually(lambda: person.news("message:deleted", room), "the deletion is seen")
    assert run(chat, "message", "show", "searched", "999").returncode == 67
    person.leave()


def test_with_an_account_everything_it_said_can_go_and_everybody_sees_it_go(chat):
    talker, witness = (Person(chat, chat.add_user(name)) for name in ("talker", "witness"))
    room = data(chat, "room", "create", "purged", "--members", f"{talker.name},{witness.name}")["id"]
    direct = witness.get("dm:open", {"users": [talker.id]})["room"]["id"]
    # More than are deleted in one step.
    said = [talker.send(room, f"text {number}")["message"]["seq"] for number in range(205)]
    talker.send(direct, "between us")
    kept = witness.send(room, "mine")["message"]["seq"]
    command = ["user", "rm", talker.name, "--purge-messages"]
    assert run(chat, *command, "--yes").returncode == 64, "the name has to be typed"
    child = terminal(chat, *command)
    child.expect("deletes its 206 messages in 2 rooms")
    child.sendline("somebody")
    child.expect("nothing changed")
    done = run(chat, *command, "--confirm", talker.name)
    assert done.returncode == 0 and "206 messages" in done.stderr, done.stderr
    eventually(lambda: len(witness.news("message:deleted", room)) == 205, "every deletion is seen")
    deletions = witness.news("message:deleted", room)
    assert sorted(message["seq"] for message in deletions) == said
    numbers = sorted(message["changed_seq"] for message in deletions)
    assert numbers == list(range(kept + 1, kept + 206)), "without a gap"
    eventually(lambda: witness.news("message:deleted", direct), "in the direct conversation too")
    listed = data(chat, "message", "ls", "purged", "--limit", "500", "--filter", "kind=text")
    assert [message["body"] for message in listed if not message.get("deleted_at")] == ["mine"]
    purges = data(chat, "audit", "ls", "--action", "message.purge", "--filter", f"subject.name={talker.name}")
    assert sorted(int(entry["detail"]["messages"]) for entry in purges) == [1, 5, 200]
    witness.leave()


def test_a_send_with_the_same_id_lands_once_and_is_written_down_once(chat):
    name = chat.add_user("otto")
    sends = [data(chat, "message", "send", "general", "once", "--as", name, "--id", "otto-1") for _ in range(2)]
    assert sends[0]["seq"] == sends[1]["seq"]
    written = [e for e in data(chat, "audit", "ls") if e["action"] == "message.send" and e["detail"]["author"] == name]
    assert len(written) == 1


def test_a_room_is_exported_as_json_lines(chat, tmp_path):
    os.chmod(tmp_path, 0o755)
    name = chat.add_user("edda")
    data(chat, "room", "create", "exported", "--members", name)
    data(chat, "message", "send", "exported", 'a "line"\nand more', "--as", name)
    done = run(chat, "room", "export", "exported", "-")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["created", "added", "text"]
    assert (lines[2]["body"], lines[2]["author_name"]) == ('a "line"\nand more', name)
    assert lines[2]["attachments"] == []
    file = tmp_path / "room.jsonl"
    assert run(chat, "room", "export", "exported", str(file)).returncode == 0
    assert file.read_text() == done.stdout and file.stat().st_mode & 0o077 == 0
    assert run(chat, "room", "export", "exported", str(file)).returncode == 73


def test_pruning_counts_asks_and_removes(chat):
    name = chat.add_user("prunella")
    invite = answer(chat, "invite", "create")["data"]["id"]
    run(chat, "invite", "revoke", invite)
    counted = data(chat, "db", "prune", "--older-than", "0s", "--dry-run")
    assert counted["invites"] >= 1
    assert run(chat, "db", "prune", "--older-than", "0s").returncode == 64, "nobody was asked"
    assert data(chat, "db", "prune", "--older-than", "0s", "--yes")["invites"] >= 1
    assert data(chat, "db", "prune", "--older-than", "0s", "--dry-run")["invites"] == 0
    assert data(chat, "user", "show", name)[0]["name"] == name


def test_what_was_said_is_asked_about_before_it_is_deleted(chat):
    name = chat.add_user("vera")
    seq = data(chat, "message", "send", "general", "oops", "--as", name)["seq"]
    child = terminal(chat, "message", "rm", "general", str(seq))
    child.expect(r"Delete number \d+ of #general\? \[y/N\]")
    child.sendline("n")
    child.expect("nothing changed")
    child.wait()
    assert child.exitstatus == 1
    child = terminal(chat, "message", "rm", "general", str(seq))
    child.expect(r"\[y/N\]")
    child.sendline("y")
    child.expect("Deleted.")
    child.wait()
    assert child.exitstatus == 0


def test_nobody_types_a_password_for_a_name_that_is_taken_or_wrong(chat):
    name = chat.add_user("kurt")
    for given, code in ((name, 73), ("No Name", 65)):
        child = terminal(chat, "user", "add", given)
        child.expect("error: ")
        child.wait()
        assert child.exitstatus == code


def test_the_last_messages_that_match_are_listed_and_a_wrong_field_is_told(chat):
    data(chat, "room", "create", "shelf")
    for name in ("quince", "rowan"):
        data(chat, "user", "add", name, "--generate")
        data(chat, "room", "add", "shelf", name)
    for number in range(4):
        data(chat, "message", "send", "shelf", f"text {number}", "--as", "quince" if number % 2 else "rowan")
    quince = data(chat, "user", "show", "quince")[0]["id"]
    listed = data(chat, "message", "ls", "shelf", "--filter", f"author={quince}", "--filter", "kind=text", "--limit", "1")
    assert [message["body"] for message in listed] == ["text 3"]
    listed = data(chat, "message", "ls", "shelf", "--filter", "kind=text", "--sort", "seq:desc")
    assert [message["body"] for message in listed] == ["text 3", "text 2", "text 1", "text 0"]
    wrong = run(chat, "user", "ls", "--sort", "nmae")
    assert wrong.returncode == 64 and "did you mean name?" in wrong.stderr and wrong.stdout == ""
    listed = data(chat, "audit", "ls", "--action", "user.add", "--filter", "subject.name=rowan")
    assert len(listed) == 1
    assert [user["name"] for user in data(chat, "user", "ls", "--filter", "name=rowan", "--filter", "name=quince")] == [
        "quince", "rowan",
    ]
