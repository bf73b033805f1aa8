"""What programs elsewhere are told of rooms, by a real fleet."""

import json
import subprocess
import time
import uuid

import pytest

from chatctl import data, run
from cluster import Cluster
from fleet import Fleet
from person import eventually
from storage import sql
from webhook_receiver import Receiver, documented

ALLOWED = {"WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8, ::1", "LIMIT_SENDS": "0", "LIMIT_SENDS_PER_ROOM": "0"}


@pytest.fixture(scope="module")
def hooked():
    fleet = Fleet(instances=2, settings=ALLOWED).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def own_hooked():
    """For a test that kills a part of it."""
    fleet = Fleet(instances=2, settings=ALLOWED).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
    assert receiver.problems == []


def hook(fleet, receiver, name, *rooms):
    done = run(fleet, "webhook", "create", receiver.url, "--name", name, *[w for room in rooms for w in ("--room", room)])
    assert done.returncode == 0, done.stderr
    receiver.secret = done.stdout.strip()
    return receiver.secret


def webhook(fleet, name):
    return next(webhook for webhook in data(fleet, "webhook", "ls") if webhook["name"] == name)


def test_every_change_of_its_rooms_is_told_signed_and_in_order(hooked, receiver, people):
    alice = people.join(hooked, "alice")
    bob = people.join_elsewhere(hooked, "bob", alice)
    names = [hooked.new_room_name("told"), hooked.new_room_name("secret")]
    rooms = [
        alice.get("room:create", {"name": name, "kind": kind, "members": [bob.id]})["room"]["id"]
        for name, kind in zip(names, ("public", "private"))
    ]
    untold = alice.get("room:create", {"name": hooked.new_room_name("untold")})["room"]["id"]
    hook(hooked, receiver, "told", *names)
    said = {room: [] for room in rooms}
    for number in range(40):
        room = rooms[number % 2]
        person = (alice, bob)[number // 2 % 2]
        person.send(room, f"text {number}")
        said[room].append(f"text {number}")
        alice.send(untold, "nobody's business")
    eventually(lambda: len(receiver.bodies()) == 40, "everything is told")
    assert all(receiver.bodies(room) == said[room] for room in rooms)
    last = bob.send(rooms[0], "draft")["message"]["seq"]
    eventually(lambda: "draft" in receiver.bodies(), "the draft is told")
    bob.get("message:edit", {"room": rooms[0], "seq": last, "body": "final"})
    eventually(lambda: receiver.bodies()[-1] == "final", "the edit is told")
    bob.get("message:delete", {"room": rooms[0], "seq": last})
    eventually(lambda: receiver.events[-1]["event"] == "message:deleted", "the deletion is told")
    assert [e["event"] for e in receiver.events[-3:]] == ["message:created", "message:updated", "message:deleted"]
    people_told = json.loads(receiver.last_body)["people"]
    assert [person["name"] for person in people_told] == [bob.name]
    assert receiver.headers["X-Chat-Event-ID"] == receiver.events[-1]["id"]
    data(hooked, "room", "rename", names[0], names[0] + "-new")
    eventually(lambda: receiver.events[-1]["data"]["kind"] == "renamed", "what chatctl does is told too")
    assert len(receiver.taken) == len(receiver.events), "nothing came twice"
    assert run(hooked, "webhook", "rm", "told", "--yes").returncode == 0


def test_what_is_said_is_told_at_once(hooked, receiver, people):
    alice = people.join(hooked, "alice")
    name = hooked.new_room_name("quick")
    room = alice.get("room:create", {"name": name})["room"]["id"]
    hook(hooked, receiver, "quick", name)
    alice.send(room, "first")
    eventually(lambda: receiver.bodies() == ["first"], "the instances know of the webhook")
    delays = []
    for number in range(20):
        began = time.monotonic()
        alice.send(room, f"text {number}")
        eventually(lambda: receiver.bodies()[-1] == f"text {number}", "it is told")
        delays.append(time.monotonic() - began)
    print(f"told after {sorted(delays)[10] * 1000:.0f} ms, at worst {max(delays) * 1000:.0f} ms")
    assert sorted(delays)[10] < 0.5, "sooner than a sweep"
    assert run(hooked, "webhook", "rm", "quick", "--yes").returncode == 0


def test_a_receiver_that_fails_is_shown_and_gets_everything_later(hooked, receiver, people):
    alice = people.join(hooked, "alice")
    name = hooked.new_room_name("failing")
    room = alice.get("room:create", {"name": name})["room"]["id"]
    hook(hooked, receiver, "failing", name)
    receiver.answer = lambda number: 500 if number == 1 else 204
    alice.send(room, "one")
    eventually(lambda: webhook(hooked, "failing")["state"] == "failing", "the failure is shown")
    shown = webhook(hooked, "failing")
    assert (shown["status"], shown["failure"], shown["failures"]) == (500, "HTTP 500", 1) and shown["next_attempt_at"]
    alice.send(room, "two")
    eventually(lambda: receiver.bodies() == ["one", "two"], "it is tried again")
    eventually(lambda: webhook(hooked, "failing")["state"] == "active", "it works again")
    assert run(hooked, "webhook", "rm", "failing", "--yes").returncode == 0


def test_a_dead_webhook_goes_on_after_a_test_that_is_taken(hooked, receiver, people):
    alice = people.join(hooked, "alice")
    name = hooked.new_room_name("gone")
    room = alice.get("room:create", {"name": name})["room"]["id"]
    hook(hooked, receiver, "gone", name)
    receiver.answer = lambda number: 410
    alice.send(room, "one")
    eventually(lambda: webhook(hooked, "gone")["state"] == "dead", "it is given up")
    assert "given up: gone" in run(hooked, "doctor").stdout
    failed = run(hooked, "webhook", "test", "gone")
    assert failed.returncode == 1 and "HTTP 410" in failed.stderr
    assert webhook(hooked, "gone")["state"] == "dead"
    receiver.answer = lambda number: 204
    revived = data(hooked, "webhook", "test", "gone")
    assert revived["revived"] and revived["delivered"] and revived["status"] == 204
    eventually(lambda: receiver.bodies() == ["one"], "it goes on where it stopped")
    actions = [entry["action"] for entry in data(hooked, "audit", "ls", "--limit", "200")]
    assert {"webhook.create", "webhook.die", "webhook.revive"} <= set(actions)
    assert run(hooked, "webhook", "rm", "gone", "--yes").returncode == 0


def test_nothing_is_lost_with_an_instance_that_is_killed_in_the_middle_of_a_request(own_hooked, receiver, people):
    alice = people.join(own_hooked, "alice")
    bob = people.join_elsewhere(own_hooked, "bob", alice)
    name = own_hooked.new_room_name("killed")
    room = alice.get("room:create", {"name": name, "members": [bob.id]})["room"]["id"]
    hook(own_hooked, receiver, "killed", name)
    receiver.answer = lambda number: None if number == 3 else 204
    said = []

    def say(person, count):
        for _ in range(count):
            said.append(f"text {len(said)}")
            eventually(lambda: try_to_say(person, room, said[-1]), "it is said", seconds=60)

    while not receiver.waiting.is_set():
        say(alice, 1)
    for instance in (alice.instance, bob.instance):
        own_hooked.kill_instance(instance)
        if receiver.broken.wait(2):
            break
    assert receiver.broken.is_set(), "who was at it is dead"
    survivor = bob if instance == alice.instance else alice
    say(survivor, 5)
    eventually(lambda: receiver.bodies() == said, "another instance takes it over", seconds=60)


def test_nothing_is_lost_when_postgresql_and_redis_crash(people, receiver):
    cluster = Cluster().start()
    fleet = Fleet(instances=2, settings={**ALLOWED, "DATABASE_URL": cluster.url}).start()
    try:
        alice = people.join(fleet, "alice")
        name = fleet.new_room_name("crash")
        room = alice.get("room:create", {"name": name})["room"]["id"]
        hook(fleet, receiver, "crash", name)
        said = []
        for number in range(30):
            if number == 10:
                fleet.kill_redis()
            if number == 20:
                cluster.crash()
                cluster.start()
            said.append(f"text {number}")
            eventually(lambda: try_to_say(alice, room, said[-1]), "it is said", seconds=60)
        eventually(lambda: receiver.bodies() == said, "everything is told", seconds=60)
    finally:
        fleet.remove()
        cluster.remove()


def try_to_say(person, room, text):
    """The client id makes a repetition harmless, as for every client."""
    try:
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, room + text))
        return person.ask("message:send", {"room": room, "client_id": key, "body": text})["ok"]
    except Exception:  # no answer in time
        return False


def test_the_example_for_node_verifies_what_the_chat_signs(hooked, receiver, tmp_path):
    name = hooked.new_room_name("node")
    data(hooked, "room", "create", name)
    secret = hook(hooked, receiver, "node", name)
    assert data(hooked, "webhook", "test", "node")["delivered"]
    (tmp_path / "verified.mjs").write_text(documented("js"))
    (tmp_path / "body").write_bytes(receiver.last_body)
    (tmp_path / "check.mjs").write_text(
        'import { readFileSync } from "node:fs"; import { verified } from "./verified.mjs";\n'
        "const [secret, header] = process.argv.slice(2); const body = readFileSync('body');\n"
        "const wrong = Buffer.from(body); wrong[1] ^= 1;\n"
        "console.log(verified(secret, header, body), verified(secret, header, wrong), verified('x', header, body));\n"
    )
    done = subprocess.run(
        ["node", "check.mjs", secret, receiver.headers["X-Chat-Signature"]], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.split() == ["true", "false", "false"], done.stderr
    assert run(hooked, "webhook", "rm", "node", "--yes").returncode == 0


def test_the_command_line_says_what_is_wrong_and_can_be_repeated(hooked, receiver):
    name = hooked.new_room_name("cli")
    data(hooked, "room", "create", name)

    def create(*more, url=receiver.url, settings=None):
        return run(hooked, "webhook", "create", url, *more, settings=settings)

    made = create("--room", name, "--name", "cli", "-q")
    assert made.returncode == 0 and made.stderr == ""
    secret = receiver.secret = made.stdout.strip()
    assert len(secret) == 43 and made.stdout == secret + "\n", "the secret alone"
    assert create("--room", name, "--name", "cli").returncode == 73
    again = create("--room", name, "--name", "cli", "--if-not-exists")
    assert again.returncode == 0 and again.stdout == ""
    assert create("--room", name, "--if-not-exists").returncode == 64
    assert create().returncode == 64
    unknown = create("--room", name + "x")
    assert unknown.returncode == 67 and f"did you mean {name}?" in unknown.stderr
    for url in ("http://10.1.2.3/", "https://169.254.169.254/", "ftp://a.example", "https://a:b@a.example"):
        assert create("--room", name, url=url).returncode == 65, url
    closed = create("--room", name, settings={"WEBHOOK_ALLOWED_NETWORKS": ""})
    assert closed.returncode == 65 and "WEBHOOK_ALLOWED_NETWORKS" in closed.stderr
    assert secret not in run(hooked, "webhook", "ls", "--json").stdout + run(hooked, "audit", "ls", "--json").stdout
    typo = run(hooked, "webhook", "test", "cly")
    assert typo.returncode == 67 and "did you mean cli?" in typo.stderr
    assert run(hooked, "webhook", "test", "cli").stdout.startswith("HTTP 204 after ")
    assert run(hooked, "webhook", "rm", "cli", "--no-input").returncode == 64
    assert data(hooked, "webhook", "rm", "cli", "--yes")["name"] == "cli"
    assert run(hooked, "webhook", "rm", "cli", "--yes").returncode == 67
    assert run(hooked, "webhook", "rm", "cli", "--yes", "--missing-ok").returncode == 0


def test_without_any_instance_webhooks_are_made_and_tested(receiver):
    cluster = Cluster().start()
    nobody = Fleet(settings={**ALLOWED, "DATABASE_URL": cluster.url})
    try:
        assert run(nobody, "db", "migrate").returncode == 0
        data(nobody, "room", "create", "quiet")
        hook(nobody, receiver, "quiet", "quiet")
        assert data(nobody, "webhook", "test", "quiet")["delivered"]
        assert [event["event"] for event in receiver.taken] == ["ping"]
    finally:
        nobody.remove()
        cluster.remove()


def test_a_room_that_is_removed_takes_nothing_else_along_and_an_export_holds_no_secret(hooked, receiver, tmp_path):
    names = [hooked.new_room_name("kept"), hooked.new_room_name("removed")]
    rooms = [data(hooked, "room", "create", name)["id"] for name in names]
    secret = hook(hooked, receiver, "rooms", *names)
    assert run(hooked, "room", "rm", names[1], "--confirm", names[1]).returncode == 0
    assert webhook(hooked, "rooms")["rooms"] == [rooms[0]]
    assert sql(hooked, "SELECT count(*) FROM webhook_rooms") == "1"
    file = tmp_path / "export.jsonl"
    assert run(hooked, "export", str(file)).returncode == 0
    assert secret not in file.read_text()
    assert run(hooked, "webhook", "rm", "rooms", "--yes").returncode == 0
