"""Changes of messages, rooms and memberships, as clients of several instances see them."""

import threading

import pytest

from person import eventually


def make_room(owner, fleet, *members, kind="private"):
    ids = [member.id for member in members]
    return owner.get("room:create", {"name": fleet.new_room_name("room"), "kind": kind, "members": ids})["room"]["id"]


def test_edits_deletions_and_reactions_are_heard_everywhere_in_order(fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    room = make_room(alice, fleet, bob)
    seq = alice.send(room, f"hi @{bob.name}")["message"]["seq"]
    alice.get("message:edit", {"room": room, "seq": seq, "body": "hello"})
    bob.get("reaction:add", {"room": room, "seq": seq, "emoji": "👍"})
    assert bob.get("reaction:add", {"room": room, "seq": seq, "emoji": "👍"})["changed_seq"] == seq + 2
    alice.get("message:delete", {"room": room, "seq": seq})
    for person in (alice, bob):
        eventually(lambda: person.news("message:deleted", room), f"{person.name} hears of the deletion")
        updated = person.news("message:updated", room)[0]
        assert (updated["body"], updated["changed_seq"], updated["mentions"]) == ("hello", seq + 1, [])
        (reacted,) = person.news("reaction:updated", room)
        assert (reacted["user"], reacted["added"], reacted["changed_seq"]) == (bob.id, True, seq + 2)
        assert reacted["reactions"] == [{"emoji": "👍", "count": 1, "users": [bob.id]}]
        deleted = person.news("message:deleted", room)[0]
        assert (deleted["body"], deleted["reactions"], deleted["deleted_by"]) == ("", [], alice.id)
        numbers = [data["changed_seq"] for _, data in person.log if data.get("room") == room and "changed_seq" in data]
        assert numbers == sorted(numbers)


def test_whoever_is_invited_hears_the_room_at_once_on_every_device(fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    room = make_room(alice, fleet)
    assert not bob.ask("message:list", {"room": room})["ok"]
    alice.get("room:invite", {"room": room, "users": [bob.id]})
    alice.send(room, "welcome")
    bob.expect(room, "welcome")
    (joined,) = bob.news("room:joined", room)
    assert joined["user"] == bob.id
    assert [m["kind"] for m in bob.messages if m["room"] == room] == ["added", "text"]


def send_until(stop, sender, room, sent):
    while not stop.is_set():
        sent.append(sender.send(room, "on and on")["message"]["seq"])


def kick_while_sending(owner, target, senders, room, rounds, before_kick=lambda: None):
    """The numbers of the removals, and what the target heard after each before being let in again."""
    stop, sent = threading.Event(), []
    threads = [threading.Thread(target=send_until, args=(stop, sender, room, sent)) for sender in senders]
    for thread in threads:
        thread.start()
    removals = []
    try:
        for _ in range(rounds):
            owner.get("room:invite", {"room": room, "users": [target.id]})
            heard = len(target.messages)
            eventually(lambda: len(target.messages) > heard + 3, "the target hears the room")
            before_kick()
            owner.get("room:kick", {"room": room, "user": target.id})
            # Some time passes in which the room goes on without them: measured in messages.
            before = len(sent)
            eventually(lambda: len(sent) > before + 20, "others go on")
            entries = owner.get("message:list", {"room": room, "limit": 200})["messages"]
            removals.append(max(m["seq"] for m in entries if m["kind"] == "removed"))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return removals, sent


def expect_silence_after(removals, target, room):
    heard = [m["seq"] for m in target.messages if m["room"] == room]
    assert len(heard) == len(set(heard))
    admissions = [m["seq"] for m in target.messages if m["room"] == room and m["kind"] == "added"]
    assert len(admissions) == len(removals)
    for removal, again in zip(removals, admissions[1:] + [float("inf")]):
        assert [seq for seq in heard if removal < seq < again] == []


def test_nothing_that_was_said_after_a_removal_reaches_the_removed_member(unlimited_fleet, people):
    owner = people.join(unlimited_fleet, "owner")
    target = people.join_elsewhere(unlimited_fleet, "target", owner)
    senders = [people.join(unlimited_fleet, "sender") for _ in range(4)]
    room = make_room(owner, unlimited_fleet, *senders)
    removals, sent = kick_while_sending(owner, target, senders, room, rounds=10)
    expect_silence_after(removals, target, room)
    eventually(lambda: len([m for m in senders[0].messages if m["room"] == room]) >= len(sent), "a member hears all")
    seqs = [m["seq"] for m in senders[0].messages if m["room"] == room]
    assert seqs == sorted(seqs), "entries are passed on in their order"
    assert not target.ask("room:sync", {"room": room, "since": 0})["ok"]

    # The same when nobody is told by Redis. It dies once the target is in the room: an instance on which nobody hears
    # a room learns of an invitation from Redis only.
    target.messages.clear()
    removals, _ = kick_while_sending(owner, target, senders, room, rounds=1, before_kick=unlimited_fleet.kill_redis)
    expect_silence_after(removals, target, room)


def test_typing_reaches_the_others_and_is_not_repeated_at_once(fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    room = make_room(alice, fleet, bob)
    for _ in range(5):
        alice.get("typing:set", {"room": room})
    alice.send(room, "done")
    bob.expect(room, "done")
    (typing,) = bob.news("typing:updated", room)
    assert typing["user"] == alice.id
    assert alice.news("typing:updated", room) == []
    assert not alice.ask("typing:set", {"room": "0190f0f0-0000-7000-8000-000000000000"})["ok"]


def test_a_burst_of_sends_is_refused_with_the_time_to_wait(fleet, people):
    alice = people.join(fleet, "alice")
    room = make_room(alice, fleet)
    answers = [alice.ask("message:send", {"room": room, "client_id": f"c{n}", "body": "x"}) for n in range(200)]
    (error, *_) = [answer["error"] for answer in answers if not answer["ok"]]
    assert (error["code"], error["retryable"]) == ("rate_limited", True)
    assert 0 < error["retry_ms"] < 1_000


def test_reading_positions_reach_ones_other_devices_and_survive(fleet, people):
    alice = people.join(fleet, "alice")
    bob = people.join_elsewhere(fleet, "bob", alice)
    room = make_room(alice, fleet, bob)
    for number in range(5):
        last = alice.send(room, f"m{number}")["message"]["seq"]
    for seq in range(last - 4, last + 1):
        answer = bob.get("read:set", {"room": room, "seq": seq})
        assert (answer["read_seq"], answer["unread"]) == (seq, last - seq)

    def kept():
        (shown,) = [r for r in bob.get("room:list")["rooms"] if r["id"] == room]
        return shown["read_seq"] == last

    eventually(kept, "the position is written")
    forced = bob.get("read:unset", {"room": room, "seq": last})
    assert (forced["unread"], forced["forced"]) == (1, True)


@pytest.mark.parametrize("ending", ["leaves", "dies"])
def test_presence_has_no_ghosts(own_fleet, people, ending):
    alice = people.join(own_fleet, "alice")
    bob = people.join_elsewhere(own_fleet, "bob", alice)
    room = make_room(alice, own_fleet, bob)
    eventually(lambda: alice.get("presence:watch", {"users": [bob.id]})["presence"] == {bob.id: "online"}, "online")
    assert alice.get("room:members", {"room": room})["presence"][bob.id] == "online"
    bob.get("presence:set", {"state": "away"})
    eventually(lambda: alice.presence_of(bob) == ["away"], "away")
    if ending == "leaves":
        bob.leave()
    else:
        bob.stay_away()
        own_fleet.kill_instance(bob.instance)
    eventually(lambda: alice.presence_of(bob)[-1] == "offline", "offline", seconds=40)
    assert alice.presence_of(bob) == ["away", "offline"]
    assert alice.get("presence:watch", {"users": [bob.id]})["presence"] == {bob.id: "offline"}
