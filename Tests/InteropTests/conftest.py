"""A real fleet of three instances behind one port, where no connection is sticky."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "PythonSupport")]

from fleet import Fleet  # noqa: E402
from person import Person, on_another_instance  # noqa: E402


@pytest.fixture(scope="session")
def fleet():
    fleet = Fleet(instances=3).start()
    yield fleet
    fleet.remove()


@pytest.fixture(scope="session")
def chat():
    """For the tests of chatctl. A load generator asks for more than one person may."""
    fleet = Fleet(instances=2, settings={"LIMIT_SENDS": "0", "LIMIT_SENDS_PER_ROOM": "0"}).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def own_fleet():
    """For a test that kills a part of it."""
    fleet = Fleet(instances=3).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def own_fleet_behind_proxy():
    """Two instances that believe the tests what a proxy would say, compare sessions often, and take few sockets."""
    fleet = Fleet(
        instances=2,
        settings={
            "TRUSTED_PROXIES": "127.0.0.0/8, ::1",
            "SESSION_RECHECK_SECONDS": "1",
            "SOCKETS_PER_USER_MAX": "4",
        },
    ).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def unlimited_fleet():
    """For a test that asks for more than one person may."""
    none = {"LIMIT_SENDS": "0", "LIMIT_SENDS_PER_ROOM": "0", "LIMIT_JOINS": "0"}
    fleet = Fleet(instances=3, settings=none).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def people():
    """Connects people and disconnects them when the test is over."""
    here = []

    class People:
        def join(self, fleet, name, transport="websocket"):
            here.append(Person(fleet, fleet.add_user(name), transport))
            return here[-1]

        def join_elsewhere(self, fleet, name, other, transport="websocket"):
            here.append(on_another_instance(fleet, fleet.add_user(name), other, transport))
            return here[-1]

        def keep(self, person):
            here.append(person)

    yield People()
    for person in here:
        person.leave()
