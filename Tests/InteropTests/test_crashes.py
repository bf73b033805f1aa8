"""PostgreSQL is stopped in the middle of everything, again and again."""

import threading
import uuid

import pytest

from cluster import Cluster
from fleet import Fleet
from person import eventually

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
