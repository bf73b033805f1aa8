"""Three instances behind a balancer that sends every connection to the next one, with a connection for every request."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time

import aiohttp
import pytest
import requests
import socketio

from balancer import Balancer
from fleet import PUBLIC, free_port
from person import TRANSPORTS, eventually, log_in

CLIENTS = 200
DEADLINE_S = 60
CONNECTIONS_MIN = {"websocket": 1, "upgrade": 2, "polling": 4}
UNKNOWN = {"code": 1, "message": "Session ID unknown"}


@pytest.fixture(scope="module")
def instances(fleet):
    """Three more instances on ports of their own, on the storage of the shared fleet."""
    pid = fleet.instances()[0]["pid"]
    with open(f"/proc/{pid}/environ", "rb") as file:
        environment = dict(entry.split("=", 1) for entry in file.read().decode().split("\0") if "=" in entry)
    with open(f"/proc/{pid}/cmdline", "rb") as file:
        program = file.read().decode().split("\0")[0]
    started = [Instance(program, environment, f"own{index}") for index in range(3)]
    yield started
    for instance in started:
        instance.stop()


class Instance:
    def __init__(self, program, environment, name):
        self.id = name
        self._program = program
        self._environment = {**environment, "INSTANCE_ID": name, "PRIVATE_PORT": "0", "PUBLIC_DIR": str(PUBLIC)}
        self.start()

    def start(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [self._program], env={**self._environment, "PORT": str(self.port), "HOST": "127.0.0.1"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        eventually(self._answers, f"{self.id} answers")

    def _answers(self):
        assert self.process.poll() is None, "the instance did not start"
        try:
            return requests.get(f"{self.url}/api/v1/setup", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def connections_to(self, port):
        """How many TCP connections it holds to a port of this machine."""
        folder = f"/proc/{self.process.pid}"
        own = set()
        for name in os.listdir(f"{folder}/fd"):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                own.add(os.readlink(f"{folder}/fd/{name}"))
        with open(f"{folder}/net/tcp") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return sum(int(row[2].split(":")[1], 16) == port and f"socket:[{row[9]}]" in own for row in rows)

    def stop(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


class Visitor:
    """A stock client that makes a new connection for every request."""

    def __init__(self):
        self.readies = []
        self.bodies = []
        self.disconnects = []
        self.refusals = []

    async def connect(self, url, token, transport):
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        self.client = socketio.AsyncClient(http_session=self._session, reconnection_delay=0.1, reconnection_delay_max=2)
        self.client.on("session:ready", self.readies.append)
        self.client.on("message:created", lambda message: self.bodies.append(message["body"]))
        self.client.on("disconnect", lambda reason=None: self.disconnects.append(reason))
        self.client.on("connect_error", self.refusals.append)
        await self.client.connect(url, auth={"token": token}, transports=TRANSPORTS[transport], wait_timeout=DEADLINE_S)
        assert self.client.transport() == TRANSPORTS[transport][-1]

    async def ask(self, event, request):
        answer = await self.client.call(event, request, timeout=DEADLINE_S)
        assert answer["ok"], answer
        return answer["data"]

    async def leave(self):
        await self.client.disconnect()
        await self._session.close()


async def until(condition, what):
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"this did not happen: {what}"
        await asyncio.sleep(0.05)


async def crowd(balancer, tokens, transport, count):
    visitors = [Visitor() for _ in range(count)]
    gate = asyncio.Semaphore(20)

    async def enter(index, visitor):
        async with gate:
            await visitor.connect(balancer.url, tokens[index % len(tokens)], transport)

    await asyncio.gather(*(enter(index, visitor) for index, visitor in enumerate(visitors)))
    await until(lambda: all(visitor.readies for visitor in visitors), "all were welcomed")
    return visitors


@pytest.fixture(scope="module")
def tokens(fleet):
    return [log_in(fleet, fleet.add_user("visitor")) for _ in range(10)]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_two_hundred_clients_never_meet_an_unknown_session(instances, tokens, transport):
    async def run():
        async with Balancer([instance.port for instance in instances]) as balancer:
            visitors = await crowd(balancer, tokens, transport, CLIENTS)
            assert {visitor.readies[0]["instance"] for visitor in visitors} == {"own0", "own1", "own2"}
            rooms = (await visitors[0].ask("room:list", {}))["rooms"]
            general = next(room["id"] for room in rooms if room["name"] == "general")
            for number in range(3):
                draft = {"room": general, "client_id": f"{transport}-{number}", "body": f"{transport} {number}"}
                await visitors[number].ask("message:send", draft)
            wanted = [f"{transport} {number}" for number in range(3)]
            await until(
                lambda: all(set(wanted) <= set(visitor.bodies) for visitor in visitors), "all heard all messages"
            )
            for visitor in visitors:
                assert [body for body in visitor.bodies if body in wanted] == wanted, "once each, in order"
            assert balancer.unknown_sessions == 0
            assert not any(visitor.disconnects or visitor.refusals for visitor in visitors)
            assert balancer.connections >= CLIENTS * CONNECTIONS_MIN[transport]
            await asyncio.gather(*(visitor.leave() for visitor in visitors))

    asyncio.run(run())


def test_when_the_owner_is_killed_its_clients_get_that_error_and_come_back(instances, tokens):
    async def run():
        async with Balancer([instance.port for instance in instances]) as balancer:
            visitors = await crowd(balancer, tokens, "polling", 30)
            killed = instances[0]
            victims = [visitor for visitor in visitors if visitor.readies[0]["instance"] == killed.id]
            assert victims
            killed.stop()
            await until(lambda: all(len(visitor.readies) > 1 for visitor in victims), "they came back")
            assert balancer.unknown_sessions > 0
            # A poll of somebody else that the killed one relayed is cut too; that client comes back the same way.
            await until(
                lambda: all(visitor.client.connected and visitor.readies[-1]["instance"] != killed.id for visitor in visitors),
                "everybody is connected",
            )
            for visitor in visitors:
                assert (await visitor.ask("room:list", {}))["rooms"]
            await asyncio.gather(*(visitor.leave() for visitor in visitors))

    try:
        asyncio.run(run())
    finally:
        instances[0].start()


def open_session(instance, token):
    """The id of a polling session that has joined the namespace."""
    base = f"{instance.url}/socket.io/?EIO=4&transport=polling"
    sid = requests.get(base).text[1:].split('"sid":"')[1].split('"')[0]
    joined = requests.post(f"{base}&sid={sid}", data=f'40{{"token":"{token}"}}')
    assert (joined.status_code, joined.text) == (200, "ok")
    assert requests.get(f"{base}&sid={sid}").text.startswith("40{")
    return sid


def poll(instance, sid, **options):
    return requests.get(f"{instance.url}/socket.io/?EIO=4&transport=polling&sid={sid}", **options)


def post(instance, sid, **options):
    return requests.post(f"{instance.url}/socket.io/?EIO=4&transport=polling&sid={sid}", data="3", **options)


def test_a_forged_or_foreign_id_is_refused(instances, tokens):
    here, there, third = instances
    sid = open_session(here, tokens[0])
    owner, secret = sid.rsplit(".", 1)
    assert owner == here.id
    for forged in (
        f"{owner}.{'A' * 20}", f"{there.id}.{secret}", f"nobody.{secret}", f"..{secret}", f".{secret}", secret, owner,
        f"{owner}.", f"{owner}%00.{secret}", f"{owner}*.{secret}", "../../etc/passwd.x", "x" * 5_000,
    ):
        for instance in (here, third):
            for answer in (poll(instance, forged), post(instance, forged)):
                assert (answer.status_code, answer.json()) == (400, UNKNOWN), forged
    # The session that they were made from still stands.
    assert post(third, sid).status_code == 200


def test_nobody_outside_speaks_for_the_fleet(fleet, instances):
    record = next(one for one in fleet.instances() if one["id"] == instances[0].id)
    private = f"http://{record['address']}/socket.io/?EIO=4&transport=polling"
    assert requests.get(private).status_code == 403
    assert requests.get(private, headers={"x-chat-fleet-secret": "guessed"}).status_code == 403


def test_a_relay_to_an_instance_that_hangs_ends_and_leaves_nothing_behind(fleet, instances, tokens):
    hanging, near, _ = instances
    address = next(one for one in fleet.instances() if one["id"] == hanging.id)["address"]
    private_port = int(address.rsplit(":", 1)[1])
    sid = open_session(hanging, tokens[0])
    # The first relayed request opens what stays open.
    assert post(near, sid).status_code == 200
    before = near.connections_to(private_port)
    hanging.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        answer = post(near, sid, timeout=60)
        assert (answer.status_code, answer.json()) == (400, UNKNOWN)
        assert time.monotonic() - started < 20
        answer = poll(near, sid, timeout=60)
        assert (answer.status_code, answer.json()) == (400, UNKNOWN)
        assert time.monotonic() - started < 40
        eventually(lambda: near.connections_to(private_port) <= before, "its connections are closed")
    finally:
        hanging.process.send_signal(signal.SIGCONT)
