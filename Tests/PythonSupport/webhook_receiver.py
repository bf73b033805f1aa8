"""A program that is told of what happens in rooms, and checks each request as docs/webhooks.md says."""

import json
import re
import select
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def documented(language):
    """The example in this language."""
    return re.search(rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)[1]


def documented_verified():
    names = {}
    exec(documented("python"), names)
    return names["verified"]


class Receiver:
    """`answer(number)` gives the status for each request, or None to keep it waiting until its connection ends."""

    def __init__(self, answer=lambda number: 204):
        self.answer = answer
        self.secret = None
        # Every event that was taken, repetitions included; and those that are new to who does as the document says.
        self.taken, self.events = [], []
        self.requests, self.problems = 0, []
        self.waiting, self.broken = threading.Event(), threading.Event()
        self.headers, self.last_body = None, None
        self._highest = {}
        self._lock = threading.Lock()
        self._in_flight = 0
        self._verified = documented_verified()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver._handle(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_port}/in"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handle(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        with self._lock:
            self.requests += 1
            number = self.requests
            self._in_flight += 1
            if self._in_flight > 1:
                self.problems.append("two requests at a time")
            self.headers, self.last_body = dict(request.headers), body
        status = self.answer(number)
        if status is None:
            self.waiting.set()
            # Readable means ended: nobody sends a second request before the answer.
            select.select([request.connection], [], [], 60)
            self.broken.set()
        with self._lock:
            self._in_flight -= 1
            if not (self.secret and self._verified(self.secret, request.headers["X-Chat-Signature"], body)):
                self.problems.append("a request whose signature is wrong")
            if status and 200 <= status < 300:
                self._take(json.loads(body))
        if status is None:
            request.close_connection = True
            return
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _take(self, body):
        for event in body["events"]:
            self.taken.append(event)
            if event["event"] == "ping":
                continue
            room, _, number = event["id"].rpartition(":")
            if int(number) > self._highest.get(room, 0):
                self._highest[room] = int(number)
                self.events.append(event)

    def bodies(self, room=None):
        with self._lock:
            return [e["data"]["body"] for e in self.events if e["data"]["kind"] == "text" and room in (None, e["data"]["room"])]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
