"""python-socketio against `ConformanceServer client`, over every transport."""

import queue

import pytest
import socketio

from conformance import ConformanceServer
from person import DEADLINE_S, TRANSPORTS, eventually


@pytest.fixture(scope="module")
def server():
    with ConformanceServer("client") as server:
        yield server


class StockClient:
    """A client that keeps what it heard."""

    def __init__(self, server, transports, namespaces=("/",), **options):
        self.heard = queue.Queue()
        self.client = socketio.Client(reconnection_delay=0.05, reconnection_delay_max=0.1)
        for namespace in namespaces:
            self.client.on("*", self._hear, namespace=namespace)
        self.client.connect(
            server.url, transports=TRANSPORTS[transports], namespaces=list(namespaces), wait_timeout=DEADLINE_S, **options
        )

    def _hear(self, event, *values):
        self.heard.put((event, *values))

    def expect(self, event):
        """The first argument of the next event, which has to be this one. (Behind it comes the offset.)"""
        heard = self.heard.get(timeout=DEADLINE_S)
        assert heard[0] == event
        return heard[1]

    def ask(self, event, value=None, **options):
        return self.client.call(event, value, timeout=DEADLINE_S, **options)


@pytest.fixture(params=TRANSPORTS)
def connect(request, server):
    here = []

    def connect(*arguments, **options):
        here.append(StockClient(server, request.param, *arguments, **options))
        return here[-1]

    yield connect
    for one in here:
        one.client.disconnect()


def test_events_come_and_go(connect):
    stock = connect()
    stock.client.emit("hi")
    assert stock.heard.get(timeout=DEADLINE_S)[0] == "hi"
    stock.client.emit("getUtf8")
    texts = [stock.expect("takeUtf8") for _ in range(5)]
    assert texts == ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]


def test_acknowledgements_bring_back_what_was_sent(connect):
    stock = connect()
    for value in [1, "two", [3.5], {"four": None}, False, "ä€😀", b"five", {"six": [b"", b"bytes"], "beside": "text"}]:
        assert stock.ask("echo", value) == value


def test_the_server_asks_for_an_acknowledgement(connect):
    stock = connect()
    stock.client.on("ack", lambda *_: (5, {"test": True}))
    stock.client.emit("ack")
    assert stock.heard.get(timeout=DEADLINE_S)[0] == "got it"


def test_bytes_come_and_go(connect):
    stock = connect()
    stock.client.emit("doge")
    assert stock.expect("doge") == b"asdfasdf"
    stock.client.emit("jsonbuff", {"hello": "lol", "message": b"bytes", "goodbye": "gotcha"})
    assert stock.heard.get(timeout=DEADLINE_S)[0] == "jsonbuff-ack"


def test_namespaces_share_a_connection(connect):
    stock = connect(("/", "/foo"))
    assert stock.ask("getId") == stock.client.get_sid("/")
    assert stock.ask("getId", namespace="/foo") == stock.client.get_sid("/foo")


def test_credentials_and_query_are_told(connect, server):
    stock = connect(("/abc",), auth={"token": "123"})
    handshake = stock.expect("handshake")
    assert handshake["auth"] == {"token": "123"}
    assert handshake["query"]["EIO"] == "4"


def test_refusals_are_told(connect):
    with pytest.raises(socketio.exceptions.ConnectionError, match="Auth failed|namespaces failed"):
        connect(("/no",))


# Not over polling alone: there the client takes the close packet, by which the server says goodbye, as final.
@pytest.mark.parametrize("connect", ["websocket", "upgrade"], indirect=True)
def test_a_lost_connection_is_made_anew(connect):
    stock = connect()
    before = stock.client.get_sid("/")
    # What no server can read: it cuts the client off, which comes back by itself.
    stock.client.eio.send("nonsense")
    eventually(lambda: stock.client.get_sid("/") not in (None, before), "the client is back")
    assert stock.ask("echo", "back") == "back"
