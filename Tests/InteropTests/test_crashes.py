"""What is left of a message when something dies in the middle of its way."""

import threading
import uuid

import pytest

from cluster import Cluster
from fleet import Fleet
from person import eventually
from storage import sql

WRITERS = 16
ROOMS = 8
CRASHES = 10


@pytest.fixture
def cluster():
    cluster = Cluster().start()
    yield cluster
    cluster.remove()


@pytest.fixture
def fleet_on_cluster(cluster):
    none = {"LIMIT_SENDS": "0", "LIMIT_SENDS_PER_ROOM": "0", "LIMIT_ROOMS_MADE": "0"}
    fleet = Fleet(instances=2, settings={"DATABASE_URL": cluster.url, **none}).start()
    yield fleet
    fleet.remove()


class Writer(threading.Thread):
    """Sends message after message; one whose fate is unknown is sent again under the same client id, as a client does."""

    def __init__(self, person, room, stop):
        super().__init__(daemon=True)
        self.person, self.room, self.stop = person, room, stop
        self.acknowledged = {}

    def run(self):
        while not self.stop.is_set():
            key = str(uuid.uuid4())
            answer = self.send(key)
            while not (answer and answer["ok"]):
                # Back-off: a client that gets no answer does not hammer.
                self.stop.wait(0.05)
                answer = self.send(key)
            self.acknowledged[key] = answer["data"]["message"]["seq"]

    def send(self, key):
        try:
            return self.person.ask("message:send", {"room": self.room, "client_id": key, "body": key})
        except Exception:  # no answer in time, or not connected at this moment
            return None


def history(person, room):
    messages, before = [], None
    while True:
        request = {"room": room, "limit": 200} | ({"before_seq": before} if before else {})
        page = person.get("message:list", request)
        messages = page["messages"] + messages
        if not page["has_before"]:
            return messages
        before = page["messages"][0]["seq"]


def test_nothing_that_was_acknowledged_is_lost_when_postgresql_crashes(cluster, fleet_on_cluster, people):
    fleet = fleet_on_cluster
    alice = people.join(fleet, "alice")
    persons = [alice, people.join_elsewhere(fleet, "bob", alice)]
    ids = [person.id for person in persons]
    rooms = [
        alice.get("room:create", {"name": fleet.new_room_name("crash"), "members": ids})["room"]["id"]
        for _ in range(ROOMS)
    ]
    stop = threading.Event()
    writers = [Writer(persons[number % 2], rooms[number % ROOMS], stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(CRASHES):
        before = [len(writer.acknowledged) for writer in writers]
        eventually(
            lambda: sum(len(w.acknowledged) > b for w, b in zip(writers, before)) == WRITERS,
            "every writer is served",
            seconds=60,
        )
        cluster.crash()
        cluster.start()
    stop.set()
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive()

    for number, room in enumerate(rooms):
        messages = history(alice, room)
        assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1)), "no gap"
        stored = {m["client_id"]: m["seq"] for m in messages if m["kind"] == "text"}
        assert len(stored) == sum(m["kind"] == "text" for m in messages), "no duplicate"
        for writer in writers[number::ROOMS]:
            for key, seq in writer.acknowledged.items():
                assert stored[key] == seq
            for key, seq in list(writer.acknowledged.items())[-20:]:
                again = writer.send(key)["data"]
                assert (again["duplicate"], again["message"]["seq"]) == (True, seq)


def test_a_message_whose_instance_dies_between_its_commit_and_the_acknowledgement_is_stored_once(own_fleet, people):
    alice = people.join(own_fleet, "alice")
    bob = people.join_elsewhere(own_fleet, "bob", alice)
    created = alice.get("room:create", {"name": own_fleet.new_room_name("crash"), "members": [bob.id]})
    room, last = created["room"]["id"], created["room"]["last_seq"]
    # A trigger that runs at COMMIT holds it up, so that the instance waits for its answer when it dies.
    sql(own_fleet, """
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW WHEN (NEW.body = 'slow') EXECUTE FUNCTION hold();
    """)
    draft = {"room": room, "client_id": str(uuid.uuid4()), "body": "slow"}
    first = []
    alice.emit("message:send", draft, first.append)
    committing = "SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"
    eventually(lambda: sql(own_fleet, committing) == "1", "the message is being committed")
    own_fleet.kill_instance(alice.instance)
    alice.expect_another_instance()
    sql(own_fleet, "DROP TRIGGER hold ON messages")
    again = alice.get("message:send", draft)
    assert (again["duplicate"], again["message"]["seq"]) == (True, last + 1)
    assert first == [], "the first was never acknowledged"
    bob.expect(room, "slow")
    assert [m["body"] for m in history(bob, room) if m["kind"] == "text"] == ["slow"]
    assert [m["client_id"] for m in bob.messages if m["body"] == "slow"] == [draft["client_id"]], "heard once"
