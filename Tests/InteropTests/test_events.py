"""Plays the examples of docs/events.md against a running server."""

import re
from pathlib import Path

from documented import examples, play


def test_the_examples_are_what_the_server_does(fleet, people):
    cast = {"alice": people.join(fleet, "alice")}
    cast["bob"] = people.join_elsewhere(fleet, "bob", cast["alice"])
    cast["carol"] = people.join(fleet, "carol")
    play(fleet, cast)


def test_every_event_is_documented():
    sources = Path(__file__).resolve().parents[2] / "Sources" / "ChatServer"
    code = "\n".join(file.read_text() for file in sources.rglob("*.swift"))
    handled = set(re.findall(r'\.on\("([a-z]+:[a-z]+)"\)', code)) | {"reaction:add", "reaction:remove"}
    emitted = set(re.findall(r'emit\("([a-z]+:[a-z]+)"', code))
    assert handled | emitted <= {event for event, _, _ in examples()}
