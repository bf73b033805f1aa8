"""Members of a mixed fleet: ConformanceServer fleet, the stock client, and a Redis that they share."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading

import redis
import socketio

from fleet import free_port
from person import DEADLINE_S, eventually


class PrivateRedis:
    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="r-", dir="/tmp")
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder],
            stdout=subprocess.DEVNULL,
        )
        self.client = redis.Redis.from_url(self.url)
        eventually(self._answers, "Redis answers")

    def _answers(self):
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False

    def stop(self):
        self.client.close()
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


class Member:
    """One of our servers."""

    def __init__(self, redis_url, *arguments):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [os.path.join(os.environ["CHAT_BIN_DIR"], "ConformanceServer"), "fleet", "--port", str(self.port),
             "--redis", redis_url, *arguments],
            stdout=subprocess.DEVNULL,
        )
        eventually(self._listens, "the server listens")

    def _listens(self):
        assert self._process.poll() is None, "the server did not start"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self._process.kill()
        self._process.wait()


class Guest:
    """A stock client. `answer` is what it acknowledges events with; `SILENT` never does."""

    SILENT = object()

    def __init__(self, member, answer=None, transports=("websocket",)):
        self.heard = []
        self._end = threading.Event()
        self._client = socketio.Client(reconnection=False)

        def hear(event, *arguments):
            self.heard.append([event, *arguments])
            if answer is not Guest.SILENT:
                return answer
            self._end.wait()
            return None

        # The client takes each message in a thread of its own, where an attachment can overtake its event.
        trigger = self._client.eio._trigger_event
        self._client.eio._trigger_event = lambda event, *arguments, **_: trigger(event, *arguments, run_async=False)
        self._client.on("*", hear)
        self._client.connect(member.url, transports=list(transports), wait_timeout=DEADLINE_S)
        self.id = self._client.get_sid()

    @property
    def connected(self):
        return self._client.connected

    def call(self, event, *arguments):
        return self._client.call(event, arguments, timeout=DEADLINE_S)

    def expect(self, *event):
        eventually(lambda: list(event) in self.heard, f"{event} is heard; {self.heard} were")

    def leave(self):
        self._end.set()
        self._client.disconnect()
