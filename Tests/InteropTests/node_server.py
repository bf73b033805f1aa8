"""A Node server with @socket.io/redis-adapter, as far as Redis can tell: written from the description of the wire alone.

It shares no code with the adapter under test. Its sockets live in this process and write down what they are sent.
"""

import datetime
import json
import queue
import random
import string
import threading

import msgpack
import redis

ANSWER_S_MAX = 10


def unpack(message):
    """MessagePack as JavaScript reads it: a timestamp becomes the text that clients get."""
    return _plain(msgpack.unpackb(message, timestamp=3, strict_map_key=False))


def _plain(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def pack(value):
    return msgpack.packb(value, datetime=True)


def has_binary(value):
    if isinstance(value, bytes):
        return True
    if isinstance(value, dict):
        return any(has_binary(item) for item in value.values())
    return isinstance(value, list) and any(has_binary(item) for item in value)


def dumps(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Socket:
    """A client of the Node server. `answer` is what it acknowledges with; None stands for never."""

    def __init__(self, server, answer=None):
        self.id = "".join(random.choices(string.ascii_letters, k=20))
        self.rooms = {self.id}
        self.heard = []
        self.answer = answer
        self.connected = True
        self._server = server

    def join(self, room):
        self._server.enter(self, room)

    def leave(self, room):
        self._server.exit(self, room)


class NodeServer:
    """What both adapters have in common: local sockets, requests that wait, and the connection."""

    nsp = "/"

    def __init__(self, url, key="socket.io"):
        self.key = key
        self.sockets = []
        self.server_side = []
        self.errors = []
        self._redis = redis.Redis.from_url(url)
        self._waiting = {}
        self._pubsub = self._redis.pubsub()
        self._listening = threading.Thread(target=self._listen, daemon=True)

    def start(self):
        self.subscribe()
        self._listening.start()
        return self

    def stop(self):
        # The thread ends when its connection does.
        self._pubsub.close()
        self._redis.close()

    def connect(self, answer=None):
        socket = Socket(self, answer)
        self.sockets.append(socket)
        self.room_created(socket.id)
        return socket

    def occupied(self, room):
        return any(room in socket.rooms for socket in self.sockets)

    def enter(self, socket, room):
        is_new = not self.occupied(room)
        socket.rooms.add(room)
        if is_new:
            self.room_created(room)

    def exit(self, socket, room):
        socket.rooms.discard(room)
        if not self.occupied(room):
            self.room_deleted(room)

    def selected(self, opts):
        rooms, excepted = set(opts["rooms"]), set(opts["except"])
        return [
            socket for socket in self.sockets
            if (not rooms or rooms & socket.rooms) and not excepted & socket.rooms
        ]

    def deliver(self, packet, opts):
        for socket in self.selected(opts):
            socket.heard.append(packet["data"])

    def change(self, opts, rooms, enter):
        for socket in self.selected(opts):
            for room in rooms:
                (self.enter if enter else self.exit)(socket, room)

    def disconnect(self, opts, close):
        for socket in self.selected(opts):
            socket.connected = False
            self.sockets.remove(socket)

    def describe(self, opts):
        handshake = {"headers": {}, "time": "", "address": "::1", "xdomain": False, "secure": False, "issued": 1,
                     "url": "/", "query": {}, "auth": {}}
        return [
            {"id": socket.id, "handshake": handshake, "rooms": list(socket.rooms), "data": {"name": "Zoë"}}
            for socket in self.selected(opts)
        ]

    def await_answers(self, request_id):
        self._waiting[request_id] = queue.Queue()
        return self._waiting[request_id]

    def answered(self, request_id, answer):
        if waiting := self._waiting.get(request_id):
            waiting.put(answer)

    def servers(self):
        raise NotImplementedError

    def room_created(self, room):
        pass

    def room_deleted(self, room):
        pass

    def _listen(self):
        try:
            while True:
                message = self._pubsub.handle_message(self._pubsub.parse_response(block=True))
                if message["type"].endswith("message"):
                    self._take(message["channel"].decode(), message["data"])
        except (redis.ConnectionError, ValueError, OSError, AttributeError, RuntimeError):
            pass

    def _take(self, channel, message):
        try:
            self.take(channel, message)
        except Exception as error:  # what a test shows when it fails
            self.errors.append((channel, message, error))

    @staticmethod
    def options(rooms=(), except_=(), flags=None):
        options = {"rooms": list(rooms), "except": list(except_)}
        return options if flags is None else {**options, "flags": flags}


class ClassicServer(NodeServer):
    """createAdapter of @socket.io/redis-adapter 8.3."""

    def __init__(self, url, key="socket.io", specific=False):
        super().__init__(url, key)
        self.uid = "".join(random.choices(string.ascii_letters + string.digits, k=6))
        self.specific = specific
        self.channel = f"{key}#{self.nsp}#"
        self.request_channel = f"{key}-request#{self.nsp}#"
        self.response_channel = f"{key}-response#{self.nsp}#"

    def subscribe(self):
        self._pubsub.psubscribe(self.channel + "*")
        self._pubsub.subscribe(self.request_channel, self.response_channel, f"{self.response_channel}{self.uid}#")

    def new_id(self):
        return "".join(random.choices(string.ascii_letters + string.digits, k=6))

    def servers(self):
        return self._redis.pubsub_numsub(self.request_channel)[0][1]

    # --- out

    def emit(self, *data, rooms=(), except_=(), flags=None):
        packet, opts = {"type": 2, "data": list(data), "nsp": self.nsp}, self.options(rooms, except_, flags or {})
        channel = f"{self.channel}{opts['rooms'][0]}#" if len(opts["rooms"]) == 1 else self.channel
        self._redis.publish(channel, pack([self.uid, packet, opts]))
        self.deliver(packet, opts)

    def ask(self, *data, rooms=(), timeout_ms=2000, servers=None):
        """emitWithAck: the answers of all sockets, and how many were asked on other servers."""
        request_id = self.new_id()
        answers = self.await_answers(request_id)
        opts = self.options(rooms, (), {"timeout": timeout_ms})
        self._redis.publish(self.request_channel, pack({
            "uid": self.uid, "requestId": request_id, "type": 7,
            "packet": {"type": 2, "data": list(data), "nsp": self.nsp}, "opts": opts,
        }))
        return Answers(answers, servers if servers is not None else self.servers() - 1)

    def fetch_sockets(self, rooms=(), except_=()):
        return self._gather({"type": 5, "opts": self.options(rooms, except_)}, "sockets")

    def all_rooms(self):
        return self._gather({"type": 1}, "rooms")

    def _gather(self, body, member):
        request_id = self.new_id()
        answers = self.await_answers(request_id)
        self._request({"uid": self.uid, "requestId": request_id, **body})
        gathered = []
        for _ in range(self.servers() - 1):
            gathered += answers.get(timeout=ANSWER_S_MAX)[member]
        return gathered

    def sockets_join(self, rooms, of=(), except_=()):
        self._request({"uid": self.uid, "type": 2, "opts": self.options(of, except_), "rooms": rooms})

    def sockets_leave(self, rooms, of=()):
        self._request({"uid": self.uid, "type": 3, "opts": self.options(of), "rooms": rooms})

    def disconnect_sockets(self, of=(), close=False):
        self._request({"uid": self.uid, "type": 4, "opts": self.options(of), "close": close})

    def server_side_emit(self, *data, wants_answers=False):
        body = {"uid": self.uid, "type": 6, "data": list(data)}
        if not wants_answers:
            return self._request(body)
        request_id = self.new_id()
        answers = self.await_answers(request_id)
        self._request({**body, "requestId": request_id})
        return [answers.get(timeout=ANSWER_S_MAX).get("data") for _ in range(self.servers() - 1)]

    def _request(self, body):
        self._redis.publish(self.request_channel, dumps(body))

    # --- in

    def take(self, channel, message):
        if channel.startswith(self.response_channel):
            answer = json.loads(message) if message[:1] == b"{" else unpack(message)
            return self.answered(answer["requestId"], answer)
        if channel.startswith(self.request_channel):
            return self._take_request(json.loads(message) if message[:1] == b"{" else unpack(message))
        room = channel[len(self.channel):-1]
        if room and not self.occupied(room) and not (room.isdigit() and self.occupied(int(room))):
            return None
        uid, packet, opts = unpack(message)
        if uid != self.uid and packet.get("nsp", "/") == self.nsp:
            self.deliver(packet, opts)

    def _take_request(self, request):
        kind, opts, request_id = request["type"], request.get("opts"), request.get("requestId")
        if kind in (0, 1, 5, 7) and request_id in self._waiting or kind in (2, 3, 4) and opts is None:
            return
        if kind == 1:
            rooms = [room for socket in self.sockets for room in socket.rooms]
            self._respond(request, dumps({"requestId": request_id, "rooms": rooms}))
        elif kind in (2, 3):
            self.change(opts, request["rooms"], kind == 2)
        elif kind == 4:
            self.disconnect(opts, request["close"])
        elif kind == 5:
            self._respond(request, dumps({"requestId": request_id, "sockets": self.describe(opts)}))
        elif kind == 6 and request["uid"] != self.uid:
            self.server_side.append(request["data"])
            if request_id:
                answer = {"type": 6, "requestId": request_id, "data": request["data"][0] + "!"}
                self._redis.publish(self.response_channel, dumps(answer))
        elif kind == 7:
            selected = self.selected(opts)
            self._respond(request, dumps({"type": 8, "requestId": request_id, "clientCount": len(selected)}))
            self.deliver(request["packet"], opts)
            for socket in selected:
                if socket.answer is not None:
                    self._respond(request, pack({"type": 9, "requestId": request_id, "packet": socket.answer}))

    def _respond(self, request, answer):
        specific = self.specific and request.get("uid")
        self._redis.publish(f"{self.response_channel}{request['uid']}#" if specific else self.response_channel, answer)


class ShardedServer(NodeServer):
    """createShardedAdapter of @socket.io/redis-adapter 8.3."""

    BINARY_TYPES = (3, 8, 9, 10, 12)

    def __init__(self, url, key="socket.io", mode="dynamic"):
        super().__init__(url, key)
        self.uid = self.new_id()
        self.mode = mode
        self.channel = f"{key}#{self.nsp}#"

    def new_id(self):
        return "".join(random.choices("0123456789abcdef", k=16))

    def subscribe(self):
        self._pubsub.ssubscribe(self.channel, f"{self.channel}{self.uid}#")

    def servers(self):
        return self._redis.pubsub_shardnumsub(self.channel)[0][1]

    def _has_channel(self, room):
        return self.mode == "dynamic-private" or self.mode == "dynamic" and len(str(room)) != 20

    def room_created(self, room):
        is_public = all(room != socket.id for socket in self.sockets)
        if self.mode == "dynamic-private" or self.mode == "dynamic" and is_public:
            self._pubsub.ssubscribe(f"{self.channel}{room}#")

    def room_deleted(self, room):
        self._pubsub.sunsubscribe(f"{self.channel}{room}#")

    # --- out

    def emit(self, *data, rooms=(), except_=(), flags=None):
        packet, opts = {"type": 2, "data": list(data)}, self.options(rooms, except_, flags or {})
        self._publish(3, {"packet": packet, "opts": opts})
        self.deliver(packet, opts)

    def ask(self, *data, rooms=(), timeout_ms=2000, servers=None):
        opts = self.options(rooms, (), {"timeout": timeout_ms})
        request_id = self.new_id()
        answers = self.await_answers(request_id)
        self._publish(3, {"packet": {"type": 2, "data": list(data)}, "requestId": request_id, "opts": opts})
        return Answers(answers, servers if servers is not None else self.servers() - 1)

    def fetch_sockets(self, rooms=(), except_=()):
        answers, request_id = self._new_request()
        self._publish(7, {"opts": self.options(rooms, except_, {}), "requestId": request_id})
        gathered = []
        for _ in range(self.servers() - 1):
            gathered += answers.get(timeout=ANSWER_S_MAX)["sockets"]
        return gathered

    def sockets_join(self, rooms, of=(), except_=()):
        self._publish(4, {"opts": self.options(of, except_, {}), "rooms": rooms})

    def sockets_leave(self, rooms, of=()):
        self._publish(5, {"opts": self.options(of, (), {}), "rooms": rooms})

    def disconnect_sockets(self, of=(), close=False):
        self._publish(6, {"opts": self.options(of, (), {}), "close": close})

    def server_side_emit(self, *data, wants_answers=False):
        if not wants_answers:
            return self._publish(9, {"packet": list(data)})
        answers, request_id = self._new_request()
        self._publish(9, {"requestId": request_id, "packet": list(data)})
        return [answers.get(timeout=ANSWER_S_MAX).get("packet") for _ in range(self.servers() - 1)]

    def _new_request(self):
        request_id = self.new_id()
        return self.await_answers(request_id), request_id

    def _publish(self, kind, data, requester=None):
        message = {"type": kind, "data": data, "uid": self.uid, "nsp": self.nsp}
        is_binary = kind in self.BINARY_TYPES and has_binary(data)
        rooms = data.get("opts", {}).get("rooms", [])
        channel = self.channel
        if requester:
            channel += f"{requester}#"
        elif kind == 3 and "requestId" not in data and len(rooms) == 1 and self._has_channel(rooms[0]):
            channel += f"{rooms[0]}#"
        self._redis.execute_command("SPUBLISH", channel, pack(message) if is_binary else dumps(message))

    # --- in

    def take(self, channel, message):
        message = json.loads(message) if message[:1] == b"{" else unpack(message)
        if message["uid"] == self.uid or message["nsp"] != self.nsp:
            return
        kind, data, asker = message["type"], message["data"], message["uid"]
        opts, request_id = data.get("opts"), data.get("requestId")
        if kind == 3:
            selected = self.selected(opts)
            self.deliver(data["packet"], opts)
            if request_id:
                self._publish(11, {"requestId": request_id, "clientCount": len(selected)}, asker)
                for socket in selected:
                    if socket.answer is not None:
                        self._publish(12, {"requestId": request_id, "packet": socket.answer}, asker)
        elif kind in (4, 5):
            self.change(opts, data["rooms"], kind == 4)
        elif kind == 6:
            self.disconnect(opts, data["close"])
        elif kind == 7:
            self._publish(8, {"requestId": request_id, "sockets": self.describe(opts)}, asker)
        elif kind == 9:
            self.server_side.append(data["packet"])
            if request_id:
                self._publish(10, {"requestId": request_id, "packet": data["packet"][0] + "!"}, asker)
        elif kind in (8, 10, 11, 12):
            self.answered(request_id, data | {"type": kind})
        else:
            raise AssertionError(f"no such type: {message}")


class Answers:
    """What came back to an event that wanted acknowledgements."""

    def __init__(self, answers, servers):
        self.packets = []
        self.clients = 0
        counts = 0
        while counts < servers or len(self.packets) < self.clients:
            try:
                answer = answers.get(timeout=2)
            except queue.Empty:
                return
            if "clientCount" in answer:
                counts += 1
                self.clients += answer["clientCount"]
            else:
                self.packets.append(answer.get("packet"))
