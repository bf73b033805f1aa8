"""Two of our servers and a Node server on one Redis, event by event, in each form of the adapter."""

import datetime
import json

import pytest

from member import Guest, Member, PrivateRedis
from node_server import ClassicServer, ShardedServer, pack
from person import eventually

FORMS = {
    "classic": ([], lambda url: ClassicServer(url)),
    "classic with a key": (["--key", "mine"], lambda url: ClassicServer(url, key="mine")),
    "classic with specific channels": (
        ["--publish-on-specific-response-channel"], lambda url: ClassicServer(url, specific=True),
    ),
    "sharded dynamic": (["--adapter", "sharded"], lambda url: ShardedServer(url)),
    "sharded dynamic-private": (
        ["--adapter", "sharded", "--subscription-mode", "dynamic-private"],
        lambda url: ShardedServer(url, mode="dynamic-private"),
    ),
    "sharded static": (
        ["--adapter", "sharded", "--subscription-mode", "static"], lambda url: ShardedServer(url, mode="static"),
    ),
}
VALUES = [
    1, -1, 1.5, 2**40, True, None, "", "Я ß てすと 😀 \"\\\n\u2028", [], {}, {"a": [{"b": None}, [1, [2]]], "é": 0},
    b"\x00\x01\xff", [b"one", {"two": b""}], list(range(20)), "x" * 70_000,
]


@pytest.fixture(scope="module")
def shared_redis():
    shared = PrivateRedis()
    yield shared
    shared.stop()


@pytest.fixture(scope="module", params=FORMS, ids=lambda form: form.replace(" ", "-"))
def mixed(request, shared_redis):
    fleet = MixedFleet(shared_redis, *FORMS[request.param])
    yield fleet
    fleet.stop()


@pytest.fixture
def fleet(mixed):
    mixed.node.sockets.clear()
    mixed.node.server_side.clear()
    yield mixed
    mixed.end()
    assert not mixed.node.errors


class MixedFleet:
    def __init__(self, shared_redis, arguments, make_node):
        self.redis = shared_redis.client
        self.members = [Member(shared_redis.url, *arguments) for _ in range(2)]
        self.node = make_node(shared_redis.url).start()
        self.is_sharded = isinstance(self.node, ShardedServer)
        self._guests = []
        eventually(lambda: self.node.servers() == 3, "the Node server sees the others")

    def guest(self, index=0, answer=None):
        self._guests.append(Guest(self.members[index], answer))
        return self._guests[-1]

    def join(self, guest, room):
        """Joins, and waits until what the other servers send there is heard."""
        before = self._listeners(room)
        assert guest.call("join", room) == "ok"
        if before is not None:
            eventually(lambda: self._listeners(room) > before, f"{room} is listened to")

    def _listeners(self, room):
        has_channel = self.is_sharded and self.node._has_channel(room)
        return self.redis.pubsub_shardnumsub(f"{self.node.channel}{room}#")[0][1] if has_channel else None

    def end(self):
        for guest in self._guests:
            guest.leave()
        self._guests.clear()
        # Rooms of a test are empty before the next one begins.
        eventually(lambda: not self.node.fetch_sockets(), "all have left")

    def stop(self):
        self.node.stop()
        for member in self.members:
            member.stop()


def expect(socket, *event):
    eventually(lambda: list(event) in socket.heard, f"{event} is heard at Node; {socket.heard} were")


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:30])
def test_any_value_crosses_in_both_directions(fleet, value):
    here, there, at_node = fleet.guest(0), fleet.guest(1), fleet.node.connect()
    assert here.call("message", value) == "ok"
    for guest in (here, there):
        guest.expect("message", value)
    expect(at_node, "message", value)
    fleet.node.emit("from node", value, [value])
    for guest in (here, there):
        guest.expect("from node", value, [value])


def test_a_date_of_node_arrives_as_text(fleet):
    guest = fleet.guest()
    moments = {
        "2026-11-23T20:05:31.689Z": datetime.datetime(2026, 11, 23, 20, 5, 31, 689_000, datetime.UTC),
        "1970-01-01T00:00:00.000Z": datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC),
    }
    for text, moment in moments.items():
        # Binary beside it, because the sharded form is JSON otherwise, where a date is text from the start.
        fleet.node.emit("date", moment, {"at": [moment]}, b"\x01")
        guest.expect("date", text, {"at": [text]}, b"\x01")


@pytest.mark.parametrize("room", ["r1", "42", "a#b", "ü*[x]", "01234567890123456789", "r" * 300])
def test_a_room_is_heard_across_the_fleet_and_by_nobody_else(fleet, room):
    inside, outside, at_node, elsewhere = fleet.guest(1), fleet.guest(1), fleet.node.connect(), fleet.node.connect()
    sender = fleet.guest(0)
    fleet.join(inside, room)
    at_node.join(room)
    if fleet.is_sharded and fleet.node._has_channel(room):
        eventually(lambda: fleet._listeners(room) == 2, "both listen")
    assert sender.call("room message", {"room": room, "text": "hello", "bytes": b"\x01"}) == "ok"
    inside.expect("room message", {"room": room, "text": "hello", "bytes": b"\x01"})
    expect(at_node, "room message", {"room": room, "text": "hello", "bytes": b"\x01"})
    fleet.node.emit("back", 1, rooms=[room])
    inside.expect("back", 1)
    sender.call("message", "end")
    fleet.node.emit("end")
    outside.expect("end")
    expect(elsewhere, "message", "end")
    assert not any(event[0] in ("room message", "back") for event in outside.heard + sender.heard + elsewhere.heard)
    inside.call("leave", room)
    fleet.node.emit("late", rooms=[room])
    fleet.node.emit("end 2")
    inside.expect("end 2")
    assert ["late"] not in inside.heard


def test_a_number_that_is_a_room_of_node_is_heard_under_its_text(fleet):
    inside, outside = fleet.guest(0), fleet.guest(1)
    fleet.join(inside, 42)
    fleet.node.emit("to the number", rooms=[42])
    fleet.node.emit("to the text", rooms=["42"])
    inside.expect("to the number")
    inside.expect("to the text")
    fleet.node.emit("end")
    outside.expect("end")
    assert not any(event[0].startswith("to the") for event in outside.heard)


def test_except_and_several_rooms(fleet):
    guests, at_node = [fleet.guest(index) for index in (0, 1, 1)], fleet.node.connect()
    for guest, room in zip(guests, ["a", "b", "c"]):
        fleet.join(guest, room)
    fleet.join(guests[2], "a")
    fleet.node.emit("several", rooms=["a", "b"], except_=["c"])
    guests[0].expect("several")
    guests[1].expect("several")
    at_node.join("b")
    at_node.join("x")
    guests[0].call("fleet:emit", {"rooms": ["a", "b"], "except": ["x"]}, "other")
    guests[0].call("fleet:emit", {"except": [guests[1].id]}, "not to one")
    for guest in (guests[0], guests[2]):
        guest.expect("other")
        guest.expect("not to one")
    expect(at_node, "not to one")
    guests[0].call("message", "end")
    guests[1].expect("message", "end")
    assert ["other"] not in at_node.heard
    assert ["several"] not in guests[2].heard and ["not to one"] not in guests[1].heard


def test_one_socket_is_reached_by_its_id(fleet):
    guests, at_node = [fleet.guest(0), fleet.guest(1)], fleet.node.connect()
    if fleet.is_sharded and fleet.node._has_channel(at_node.id):
        for name in [guest.id for guest in guests] + [at_node.id]:
            eventually(lambda: fleet._listeners(name) == 1, "its channel is listened to")
    fleet.node.emit("for you", rooms=[guests[1].id])
    guests[1].expect("for you")
    guests[0].call("fleet:emit", {"rooms": [at_node.id]}, "for you")
    expect(at_node, "for you")
    assert ["for you"] not in guests[0].heard


def test_node_gathers_acknowledgements_of_our_clients(fleet):
    fleet.guest(0, answer="one")
    fleet.guest(1, answer={"two": [b"\x02"]})
    answers = fleet.node.ask("question", {"n": b"\x01"}, servers=2)
    assert answers.clients == 2
    assert sorted(map(str, answers.packets)) == sorted(map(str, ["one", {"two": [b"\x02"]}]))


def test_node_gets_what_came_when_a_client_is_silent(fleet):
    silent = fleet.guest(0, answer=Guest.SILENT)
    fleet.guest(1, answer="here")
    answers = fleet.node.ask("question", timeout_ms=500, servers=2)
    assert (answers.clients, answers.packets) == (2, ["here"])
    silent.expect("question")


def test_an_acknowledgement_without_a_value_counts(fleet):
    fleet.guest(0)
    answers = fleet.node.ask("question", servers=2)
    assert (answers.clients, answers.packets) == (1, [None])


def test_we_gather_acknowledgements_of_nodes_clients(fleet):
    asking = fleet.guest(0, answer="ours")
    fleet.guest(1, answer=[1])
    fleet.node.connect(answer="node's")
    fleet.node.connect(answer={"b": b"\x09"})
    fleet.node.connect(answer=None)
    answers, expected = asking.call("fleet:ask", {}, 600, "question", 1)
    assert expected == 5
    # Answers are shown as JSON here, where binary is a placeholder.
    binary = {"b": {"_placeholder": True, "num": 0}}
    assert sorted(map(str, answers)) == sorted(map(str, ["ours", [1], "node's", binary]))


def test_sockets_are_fetched_in_both_directions(fleet):
    guests, at_node = [fleet.guest(0), fleet.guest(1)], fleet.node.connect()
    for guest in guests:
        fleet.join(guest, "fetched")
    at_node.join("fetched")
    found = fleet.node.fetch_sockets(rooms=["fetched"])
    assert {socket["id"] for socket in found} == {guest.id for guest in guests}
    assert set(found[0]) == {"id", "handshake", "rooms", "data"}
    assert {"headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"} <= set(found[0]["handshake"])
    assert set(found[0]["rooms"]) == {found[0]["id"], "fetched"}
    sockets, missing = guests[0].call("fleet:sockets", {"rooms": ["fetched"], "except": [guests[1].id]})
    assert {socket["id"] for socket in sockets} == {guests[0].id, at_node.id} and missing == 0


def test_rooms_are_listed_in_both_directions(fleet):
    guest, at_node = fleet.guest(0), fleet.node.connect()
    fleet.join(guest, "listed")
    at_node.join("at node")
    rooms, missing = guest.call("fleet:rooms")
    assert {guest.id, "listed", at_node.id, "at node"} <= set(rooms) and missing == 0
    if not fleet.is_sharded:
        assert {guest.id, "listed"} <= set(fleet.node.all_rooms())


def test_sockets_join_and_leave_in_both_directions(fleet):
    guests, at_node = [fleet.guest(0), fleet.guest(1)], fleet.node.connect()
    fleet.node.sockets_join(["n1", "n2"], except_=[guests[0].id])
    eventually(lambda: guests[1].id in ids(fleet, "n1") and guests[1].id in ids(fleet, "n2"), "they joined")
    assert ids(fleet, "n1") == [guests[1].id]
    fleet.node.sockets_leave(["n1"], of=["n2"])
    eventually(lambda: not ids(fleet, "n1"), "they left")
    guests[0].call("fleet:join", {"except": [guests[0].id]}, ["o1", "o2"])
    eventually(lambda: {"o1", "o2"} <= at_node.rooms, "Node's socket joined")
    assert ids(fleet, "o1") == [guests[1].id]
    guests[0].call("fleet:leave", {"rooms": ["o2"]}, ["o1"])
    eventually(lambda: "o1" not in at_node.rooms and "o2" in at_node.rooms, "Node's socket left")


def ids(fleet, room):
    return [socket["id"] for socket in fleet.node.fetch_sockets(rooms=[room])]


def test_sockets_are_disconnected_in_both_directions(fleet):
    guests, at_node = [fleet.guest(0), fleet.guest(1), fleet.guest(1)], fleet.node.connect()
    fleet.node.disconnect_sockets(of=[guests[1].id])
    fleet.node.disconnect_sockets(of=[guests[2].id], close=True)
    eventually(lambda: not guests[1].connected and not guests[2].connected, "ours are disconnected")
    guests[0].call("fleet:disconnect", {"rooms": [at_node.id]}, True)
    eventually(lambda: not at_node.connected, "Node's is disconnected")
    assert guests[0].connected


def test_server_side_events_and_their_answers_cross(fleet):
    guests = [fleet.guest(0), fleet.guest(1)]
    fleet.node.server_side_emit("sse", {"a": [1, "é"]})
    for guest in guests:
        guest.expect("fleet:server-side", {"a": [1, "é"]})
    assert fleet.node.server_side_emit("sse", 7, wants_answers=True) == [7, 7]
    answers, missing = guests[0].call("fleet:servers", "ours", 1)
    assert sorted(map(str, answers)) == ["1", "ours!"] and missing == 0
    assert ["ours", 1] in fleet.node.server_side
    guests[1].expect("fleet:server-side", 1)


def test_a_query_gives_what_came_when_a_server_is_dead(fleet):
    guest = fleet.guest(0)
    other = fleet.guest(1)
    deaf = fleet.redis.pubsub()
    if fleet.is_sharded:
        deaf.ssubscribe(fleet.node.channel)
    else:
        deaf.subscribe(fleet.node.request_channel)
    try:
        eventually(lambda: fleet.node.servers() == 4, "it is counted")
        sockets, missing = guest.call("fleet:sockets", {})
        assert missing == 1
        assert {socket["id"] for socket in sockets} == {guest.id, other.id}
        answers, missing = guest.call("fleet:servers", "ours", 1)
        assert missing == 1
        assert sorted(map(str, answers)) == ["1", "ours!"]
    finally:
        deaf.close()
    eventually(lambda: fleet.node.servers() == 3, "it is gone")


def test_programs_with_the_emitter_are_heard(fleet):
    # It speaks the classic form only; ours hear it also among sharded servers.
    guests, node = [fleet.guest(0), fleet.guest(1)], fleet.node
    channel, request_channel = f"{node.key}#/#", f"{node.key}-request#/#"
    publish = fleet.redis.publish

    def emit(event, *arguments, nsp="/", rooms=(), except_=()):
        packet = {"type": 2, "data": [event, *arguments], **({"nsp": nsp} if nsp else {})}
        options = {"rooms": list(rooms), "flags": {}, "except": list(except_)}
        publish(channel + (f"{rooms[0]}#" if len(rooms) == 1 else ""), pack(["emitter", packet, options]))

    emit("hi", {"b": b"\x01"})
    emit("only one", rooms=[guests[1].id])
    emit("not one", except_=[guests[1].id])
    emit("without a namespace", nsp=None)
    emit("elsewhere", nsp="/chat")
    publish(request_channel, json.dumps({"type": 2, "opts": {"rooms": [], "except": []}, "rooms": ["emitted"]}))
    eventually(lambda: len(ids(fleet, "emitted")) == 2, "both joined")
    publish(request_channel, json.dumps({"type": 3, "opts": {"rooms": [guests[0].id], "except": []}, "rooms": ["emitted"]}))
    eventually(lambda: ids(fleet, "emitted") == [guests[1].id], "one left")
    publish(request_channel, json.dumps({"uid": "emitter", "type": 6, "data": ["sse", "from the emitter"]}))
    for guest in guests:
        guest.expect("hi", {"b": b"\x01"})
        guest.expect("without a namespace")
        guest.expect("fleet:server-side", "from the emitter")
    guests[1].expect("only one")
    guests[0].expect("not one")
    assert ["only one"] not in guests[0].heard and ["not one"] not in guests[1].heard
    assert not any(event[0] == "elsewhere" for event in guests[0].heard)
    publish(request_channel, json.dumps({"type": 4, "opts": {"rooms": ["emitted"], "except": []}, "close": True}))
    eventually(lambda: not guests[1].connected and guests[0].connected, "one is disconnected")


def test_old_peers_are_answered(fleet):
    if fleet.is_sharded:
        pytest.skip("old peers speak the classic form only")
    guest, node = fleet.guest(0), fleet.node
    fleet.join(guest, "old")

    def ask(request):
        request_id = node.new_id()
        answers = node.await_answers(request_id)
        fleet.redis.publish(node.request_channel, json.dumps({"requestId": request_id, **request}))
        return answers

    # Both of our servers answer; one has the socket.
    found = ask({"type": 0, "rooms": ["old"]})
    assert sorted(found.get(timeout=5)["sockets"] + found.get(timeout=5)["sockets"]) == [guest.id]
    assert ask({"type": 2, "sid": guest.id, "room": "older"}).get(timeout=5)
    assert ids(fleet, "older") == [guest.id]
    assert ask({"type": 3, "sid": guest.id, "room": "older"}).get(timeout=5)
    assert ids(fleet, "older") == []
    assert ask({"type": 4, "sid": guest.id, "close": True}).get(timeout=5)
    eventually(lambda: not guest.connected, "it is disconnected")
