"""The examples of docs/events.md, and how people play them."""

import json
import re
from pathlib import Path

from person import eventually

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "events.md"
PART = re.compile(r"^### `(?P<event>[\w:]+)`$|^```json(?P<info>[^\n]*)\n(?P<json>.*?)^```$", re.MULTILINE | re.DOTALL)


def examples():
    """The blocks of the document with the event under whose heading they stand."""
    event = None
    for part in PART.finditer(DOCUMENT.read_text()):
        if part["event"]:
            event = part["event"]
        else:
            yield event, part["info"].split(), json.loads(part["json"])


def filled(value, ids):
    """The example with real ids in place of `<name>`."""
    if isinstance(value, dict):
        return {filled(key, ids): filled(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, ids) for item in value]
    if isinstance(value, str):
        value = re.sub(r"(@|from:)(\w+)", lambda name: name[1] + ids.get(f"@{name[2]}", name[2]), value)
        return re.sub(r"<(\w+)>", lambda name: ids.get(name[1], name[0]), value)
    return value


def difference(example, real, path="$"):
    """What does not have the form of the example; None when everything has."""
    if isinstance(example, dict) and isinstance(real, dict):
        # Objects that are keyed by ids are compared by one of their values.
        if set(example) != set(real):
            return f"{path}: {sorted(set(example) ^ set(real))}"
        return next(filter(None, (difference(example[key], real[key], f"{path}.{key}") for key in example)), None)
    if isinstance(example, list) and isinstance(real, list):
        if not example:
            return f"{path}: not empty" if real else None
        found = [difference(example[0], item, f"{path}[]") for item in real]
        return None if None in found else f"{path}: {found}"
    if type(example) is not type(real):
        return f"{path}: {real!r}"
    # Names of events, kinds and states are what the example says; ids, times and counts are those of this run.
    if path.rsplit(".", 1)[-1] in ("kind", "detail", "emoji", "code", "state", "changed_seq", "seq", "target") and example != real:
        return f"{path}: {real!r} instead of {example!r}"
    return None


def play(fleet, cast):
    """Plays all examples with alice, bob and carol, and compares the fields of what comes back."""
    ids = {name: person.id for name, person in cast.items()} | {f"@{name}": p.name for name, p in cast.items()}
    unique = {"team": fleet.new_room_name("team"), "plaza": fleet.new_room_name("plaza")}
    replayed, answer = 0, None
    for event, info, example in examples():
        if not info:
            continue
        if info[0] == "request":
            name = info[info.index("by") + 1] if "by" in info else "alice"
            asked = info[1] if len(info) > 1 and ":" in info[1] else event
            request = filled(example, ids)
            if asked == "room:create":
                request["name"] = unique[request["name"]]
            answer = cast[name].get(asked, request)
            if asked == "room:create":
                ids["room" if example["name"] == "team" else "plaza"] = answer["room"]["id"]
        elif info[0] == "answer":
            assert difference(filled(example, ids), answer, "$") is None, (event, difference(filled(example, ids), answer))
        else:
            person, wanted = cast[info[-1]], filled(example, ids)
            eventually(
                lambda: any(name == event and difference(wanted, data) is None for name, data in person.log),
                f"{info[-1]} is told {event} as documented; there came "
                f"{[difference(wanted, data) for name, data in person.log if name == event]}",
                seconds=5,
            )
        replayed += 1
    assert replayed > 80
