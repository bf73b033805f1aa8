"""Parts of the fleet are killed while people talk."""

from person import eventually


def test_when_an_instance_is_killed_its_people_come_back_and_catch_up(own_fleet, people):
    alice = people.join(own_fleet, "alice")
    bob = people.join_elsewhere(own_fleet, "bob", alice)
    general = alice.room("general")["id"]
    have = alice.send(general, "before")["message"]["seq"]
    bob.expect(general, "before")
    own_fleet.kill_instance(bob.instance)
    alice.send(general, "meanwhile")
    bob.expect_another_instance()
    changes = bob.get("session:sync", {"rooms": {general: have}})["changes"]
    assert [m["body"] for m in changes[0]["messages"]] == ["meanwhile"]
    alice.send(general, "after")
    bob.expect(general, "after")


def test_when_redis_is_killed_messages_are_acknowledged_and_still_arrive(own_fleet, people):
    alice = people.join(own_fleet, "alice")
    bob = people.join_elsewhere(own_fleet, "bob", alice)
    general = alice.room("general")["id"]
    own_fleet.kill_redis()
    for number in range(20):
        alice.send(general, f"without Redis {number}")
    for number in range(20):
        bob.expect(general, f"without Redis {number}")
    alice.send(general, "and on it goes")
    bob.expect(general, "and on it goes")


def test_when_redis_is_gone_a_new_direct_conversation_reaches_the_other_instance(own_fleet, people):
    alice = people.join(own_fleet, "alice")
    bob = people.join_elsewhere(own_fleet, "bob", alice)
    own_fleet.kill_redis()
    room = alice.get("dm:open", {"users": [bob.id]})["room"]["id"]
    eventually(lambda: bob.news("room:joined", room), "bob is told of the conversation")
    alice.send(room, "can you hear me?")
    bob.expect(room, "can you hear me?")
