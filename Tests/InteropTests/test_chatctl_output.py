"""What `chatctl` prints of each kind of record, in each form: on a terminal, in a pipe, and as JSON.

The texts are kept in Tests/Fixtures/chatctl/output. With CHAT_WRITE_FIXTURES set they are written anew; `git diff` then shows
what changed. What differs from run to run (ids, times, sizes) stands there as a placeholder.
"""

import json
import os
import re
import socket
from pathlib import Path

import pexpect
import pytest

from chatctl import answer, data, run, terminal
from fleet import PUBLIC, Fleet
from person import Person

HOST = socket.gethostname()
FOLDER = Path(__file__).resolve().parents[1] / "Fixtures" / "chatctl" / "output"

COMMANDS = {
    "user-ls": ["user", "ls"],
    "user-show": ["user", "show", "alice"],
    "user-sessions": ["user", "sessions", "alice"],
    "room-ls": ["room", "ls"],
    "room-show": ["room", "show", "dev"],
    "room-members": ["room", "members", "dev"],
    "message-ls": ["message", "ls", "dev"],
    "message-show": ["message", "show", "dev", "4"],
    "message-search": ["message", "search", "hello"],
    "message-tail": ["message", "tail", "dev", "--no-follow"],
    "dm-ls": ["dm", "ls"],
    "dm-show": ["dm", "show", "{direct}"],
    "ban-ls": ["ban", "ls"],
    "invite-ls": ["invite", "ls"],
    "token-ls": ["token", "ls", "robot"],
    "webhook-ls": ["webhook", "ls"],
    "audit-ls": ["audit", "ls", "--action", "user.add"],
    "audit-export": ["audit", "export", "--action", "user.add"],
    "instances-ls": ["instances", "ls"],
    "instances-show": ["instances", "show"],
    "instances-ping": ["instances", "ping"],
    "instances-top": ["instances", "top", "--once"],
    "sockets-ls": ["sockets", "ls"],
    "status": ["status"],
    "doctor": ["doctor"],
    "db-status": ["db", "status"],
    "config-show": ["config", "show"],
    "version": ["version"],
}

PLACEHOLDERS = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\b\d{4}_[a-z_]+\b", "<migration>"),
    (r"(?<![\w-])(?=[\w-]*[0-9A-Z])(?=[\w-]*[a-z])[\w-]{20}(?![\w-])", "<socket>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
    (r"just now|(\d+(\.\d)? s|\d+m \d+s|\d+h \d+m) ago", "<ago>"),
    (r"\bin \d+[dhm] \d+[hms]", "<ahead>"),
    (r"os:\w+@[\w.-]+ via", "os:<who>@<host> via"),
    (r"/tmp/chat-\w+", "<folder>"),
    (r"python-requests/[\d.]+", "<browser>"),
    (r"\b(localhost|127\.0\.0\.1):\d+|\b127\.0\.0\.1\b", "<address>"),
    (r"\d+(\.\d+)? (ms|B|kB|MB|GB|%)", "<amount>"),
    (r"(?<![.\d])\d{6,}\b", "<number>"),
    (r"\d+ of \d+ connections", "<n> of <n> connections"),
    (r"\d+ open files", "<n> open files"),
    (r"\b\d+\.\d+(\.\d+)?( \(\w+ [\w.+~-]+\))?(?=[,\s\"]|$)", "<number>"),
]

# What one machine does differently from another, or in another run: numbers of these fields.
VOLATILE = {
    "pid", "port", "rss_bytes", "loop_lag_ms", "messages_per_s", "deliveries_per_s", "queue_bytes", "cpu_percent", "pg_ms",
    "redis_ms", "ms", "size_bytes",
}


@pytest.fixture(scope="module")
def small_chat():
    fleet = Fleet(instances=1).start()
    for name, role in (("alice", "admin"), ("bob", "member"), ("carol", "member")):
        fleet.add_user_named(name, role)
    data(fleet, "user", "rename", "carol", "--display", "Carol C.")
    data(fleet, "user", "disable", "carol")
    data(fleet, "user", "add", "robot", "--role", "bot")
    run(fleet, "token", "create", "robot", "--name", "ci", "--expires", "30d")
    data(fleet, "room", "create", "dev", "--topic", "Tools & such", "--members", "alice,bob")
    data(fleet, "message", "send", "dev", "hello\tthere \x1b[2J\u202e", "--as", "alice")
    data(fleet, "ban", "add", "bob", "--for", "30d", "--reason", "spam")
    data(fleet, "ban", "add", "203.0.113.0/24")
    run(fleet, "invite", "create", "--uses", "3", "--rooms", "dev")
    run(fleet, "webhook", "create", "https://hooks.example/chat", "--room", "dev", "--name", "ci")
    alice = Person(fleet, "alice")
    bob = next(user["id"] for user in data(fleet, "user", "ls") if user["name"] == "bob")
    fleet.direct = alice.get("dm:open", {"users": [bob]})["room"]["id"]
    yield fleet
    alice.leave()
    fleet.remove()


def scrub(text):
    for pattern, placeholder in PLACEHOLDERS:
        text = re.sub(pattern, placeholder, text)
    text = text.replace(HOST, "<host>").replace(str(PUBLIC.parent), "<checkout>")
    # How wide a column is depends on what stood there.
    return "\n".join(re.sub(r" {2,}", "  ", line).rstrip() for line in text.splitlines()) + "\n"


def scrub_numbers(text):
    """For what tells of processes: every number is another one in the next run, and some are marks for none."""
    text = re.sub(r"(\d+m )?\b\d+(\.\d+)? ?s\b", "<n> s", scrub(text))
    return re.sub(r"(?<![<\w])\d+\b", "<n>", re.sub(r"\bi-\d+", "i-N", text))


def scrub_json(value, key=""):
    if isinstance(value, dict):
        return {name: scrub_json(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [scrub_json(item) for item in value]
    if key in VOLATILE and isinstance(value, (int, float)) and not isinstance(value, bool):
        return "<number>"
    if isinstance(value, str):
        return re.sub(r"\bi-\d+", "i-N", scrub(value).rstrip("\n"))
    return value


def on_terminal(fleet, arguments):
    child = terminal(fleet, *arguments, columns=120)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return child.before.replace("\r\n", "\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_kind_of_record_is_printed_as_agreed(small_chat, name):
    arguments = [word.format(direct=small_chat.direct) for word in COMMANDS[name]]
    shown = " ".join(COMMANDS[name]).format(direct="ID")
    clean = scrub_numbers if name.startswith(("instances", "sockets", "status")) else scrub
    piped = run(small_chat, *arguments)
    assert piped.returncode == 0, piped.stderr
    as_json = run(small_chat, *arguments, "--json").stdout
    assert "\u202e" not in as_json and "\x1b" not in as_json
    lines = [json.dumps(scrub_json(json.loads(line)), indent=1, ensure_ascii=False) for line in as_json.splitlines()]
    text = (
        f"$ chatctl {shown}\n{clean(on_terminal(small_chat, arguments))}"
        f"\n$ chatctl {shown} | cat\n{clean(piped.stdout)}"
        f"\n$ chatctl {shown} --json\n" + "\n".join(lines) + "\n"
    )
    assert "\x1b" not in text and "\u202e" not in text.split("--json")[0], "nobody's words steer the terminal"
    file = FOLDER / f"{name}.txt"
    if os.environ.get("CHAT_WRITE_FIXTURES"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert text == file.read_text(), "CHAT_WRITE_FIXTURES=1 keeps it as it is now"


def test_no_text_is_kept_of_a_command_that_is_gone():
    assert {file.stem for file in FOLDER.iterdir()} <= set(COMMANDS)


def test_json_says_how_many_there_are(small_chat):
    whole = answer(small_chat, "user", "ls")
    assert whole["meta"]["count"] == len(whole["data"]) == 4


LISTS = ["room-members", "user-sessions"] + [name for name in COMMANDS if name.endswith("-ls")]


def fields(record, prefix=""):
    """The names of a record's fields, as --sort and --filter take them."""
    for name, value in record.items():
        values = value if isinstance(value, list) else [value]
        objects = [item for item in values if isinstance(item, dict)]
        if not objects:
            yield prefix + name, value
        for item in objects:
            yield from fields(item, f"{prefix}{name}.")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_sorted_filtered_and_cut_by_every_field_that_it_prints(small_chat, name):
    found = data(small_chat, *COMMANDS[name])
    names = [field for record in found for field, _ in fields(record)]
    assert names, "the list is not empty"
    down = data(small_chat, *COMMANDS[name], "--limit", "1", "--sort", ",".join(f"{field}:desc" for field in set(names)))
    assert len(down) == 1
    # When an instance was seen is another moment each time.
    one = {field: value for field, value in fields(found[0]) if isinstance(value, str) and field != "last_seen"}
    conditions = [f"--filter={field}={value}" for field, value in one.items()]
    same = data(small_chat, *COMMANDS[name], *conditions)
    key = next(field for field in ("id", "user.id", "room.id") if field in one)
    assert [dict(fields(record))[key] for record in same] == [one[key]]
