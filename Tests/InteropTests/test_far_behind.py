"""Messages that an instance hears of late: Redis brought nothing, and the comparison with the database finds them."""

import pytest

from person import eventually
from storage import say_unheard


@pytest.fixture
def room(fleet, people):
    """Two people on two instances in a room."""
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    made = alice.get("room:create", {"name": fleet.new_room_name("late"), "members": [bob.id]})["room"]
    return alice, bob, made["id"]


def heard(person, room):
    return [message["seq"] for message in person.messages if message["room"] == room and message["kind"] == "text"]


def test_a_few_messages_are_brought_late_and_in_order(fleet, room):
    alice, bob, room = room
    last = say_unheard(fleet, alice.id, room, 50)
    for person in (alice, bob):
        eventually(lambda: heard(person, room)[-1:] == [last], f"{person.name} hears the last one")
        assert heard(person, room) == list(range(last - 49, last + 1))
        assert person.news("room:seq", room) == []


@pytest.mark.parametrize(("count", "text"), [(1_000, "late"), (40, "é" * 4_000)], ids=["many", "long"])
def test_who_is_too_far_behind_is_told_where_the_room_stands_and_asks(fleet, room, count, text):
    alice, bob, room = room
    last = say_unheard(fleet, alice.id, room, count, text)
    for person in (alice, bob):
        (hint,) = eventually(lambda: person.news("room:seq", room), f"{person.name} is told")
        assert hint == {"room": room, "last_seq": last}
        assert heard(person, room) == []
    assert bob.get("room:sync", {"room": room, "since": last - 10})["to"] == last
    said = alice.send(room, "and now?")["message"]["seq"]
    for person in (alice, bob):
        person.expect(room, "and now?")
        assert heard(person, room) == [said]


def test_a_removal_among_what_was_missed_counts_all_the_same(fleet, room):
    alice, bob, room = room
    removal = f"""
        INSERT INTO messages (id, room_id, seq, changed_seq, kind, author_id, target_id, body, created_at)
        SELECT gen_random_uuid(), id, last_seq + 1, last_seq + 1, 'removed', '{alice.id}', '{bob.id}', '', now()
          FROM rooms WHERE id = '{room}';
        UPDATE rooms SET last_seq = last_seq + 1 WHERE id = '{room}';
        DELETE FROM members WHERE room_id = '{room}' AND user_id = '{bob.id}';
    """
    say_unheard(fleet, alice.id, room, 300, then=removal)
    eventually(lambda: bob.news("room:left", room), "bob is told that he is out")
    eventually(lambda: alice.news("room:seq", room), "alice is told where the room stands")
    alice.send(room, "about bob")
    alice.expect(room, "about bob")
    bob.get("room:list")
    assert heard(bob, room) == []
