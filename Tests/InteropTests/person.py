"""A person at a stock Socket.IO client: python-socketio, which nobody here wrote."""

import threading
import time
import uuid

import requests
import socketio

from fleet import PASSWORD

TRANSPORTS = {
    "websocket": ["websocket"],
    "polling": ["polling"],
    "upgrade": ["polling", "websocket"],
}
DEADLINE_S = 20


def eventually(condition, what, seconds=DEADLINE_S):
    """Waits until `condition` holds and returns what it gave."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"this did not happen within {seconds} s: {what}")


def log_in(fleet, name):
    answer = requests.post(f"{fleet.url}api/v1/sessions", json={"name": name, "password": PASSWORD, "token": True})
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


class Person:
    def __init__(self, fleet, name, transport="websocket", token=None, headers=None):
        self.fleet = fleet
        self.name = name
        self.messages = []
        # Every other event, with its name.
        self.log = []
        self.token = token or log_in(fleet, name)
        self._introduced = threading.Event()
        self._client = socketio.Client(reconnection_delay=0.2, reconnection_delay_max=1)
        self._client.on("session:ready", self._on_ready)
        self._client.on("message:created", self._on_message)
        self._client.on("*", lambda event, data=None: self.log.append((event, data)))
        self._client.connect(
            fleet.url, auth={"token": self.token}, transports=TRANSPORTS[transport], headers=headers or {}
        )
        assert self._introduced.wait(DEADLINE_S), "no session:ready"

    def _on_ready(self, ready):
        self.id = ready["me"]["id"]
        self.instance = ready["instance"]
        self.ready = ready
        self.log.append(("session:ready", ready))
        self._introduced.set()

    def _on_message(self, message):
        self.messages.append(message)
        self.log.append(("message:created", message))

    def news(self, event, room):
        """What came of an event about a room."""
        return [data for name, data in self.log if name == event and data["room"] == room]

    def presence_of(self, other):
        """The states of another person, in the order in which they were told."""
        return [data["state"] for name, data in self.log if name == "presence:updated" and data["user"] == other.id]

    @property
    def fatal(self):
        """Why the server ended the connection for good."""
        return [data for event, data in self.log if event == "error:fatal"]

    @property
    def updates(self):
        """What was told of people."""
        return [data["user"] for event, data in self.log if event == "user:updated"]

    @property
    def connected(self):
        return self._client.connected

    @property
    def transport(self):
        return self._client.transport()

    def ask(self, event, request=None):
        """The whole acknowledgement."""
        return self._client.call(event, request or {}, timeout=DEADLINE_S)

    def emit(self, event, request, answered):
        """Does not wait for the acknowledgement, which goes to `answered`."""
        self._client.emit(event, request, callback=answered)

    def get(self, event, request=None):
        """The data of an acknowledgement that has to be good."""
        answer = self.ask(event, request)
        assert answer["ok"], answer
        return answer["data"]

    def room(self, name):
        return next(room for room in self.get("room:list")["rooms"] if room.get("name") == name)

    def send(self, room, body, client_id=None):
        draft = {"room": room, "client_id": client_id or str(uuid.uuid4()), "body": body}
        return self.get("message:send", draft)

    def heard(self, room, body):
        return any(message["room"] == room and message["body"] == body for message in self.messages)

    def expect(self, room, body, seconds=DEADLINE_S):
        eventually(lambda: self.heard(room, body), f"{self.name} hears {body!r}", seconds)

    def expect_another_instance(self):
        """Waits until the client has come back by itself, to another instance than before."""
        before = self.instance
        eventually(lambda: self._client.connected and self.instance != before, f"{self.name} comes back")

    def stay_away(self):
        """Does not come back when the connection is lost."""
        self._client.reconnection = False

    def leave(self):
        # The server may have closed the connection before the client has noted that it is leaving.
        self.stay_away()
        self._client.disconnect()


def on_another_instance(fleet, name, other, transport="websocket"):
    """Connects until the kernel puts the connection on another instance than that of `other`."""
    token = log_in(fleet, name)
    for _ in range(50):
        person = Person(fleet, name, transport, token)
        if person.instance != other.instance:
            return person
        person.leave()
    raise AssertionError("all connections went to one instance")
