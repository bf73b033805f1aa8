"""Starts and stops a real fleet with `chatctl`, the way a person would."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

PUBLIC = Path(__file__).resolve().parents[2] / "Public"
PASSWORD = "correct horse battery"
READY_S_MAX = 90
STOP_S_MAX = 30


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Fleet:
    """Some instances behind one port, with their own database and Redis under a directory of their own."""

    def __init__(self, instances=2, adapter=None, settings=None):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}/"
        self._arguments = ["-n", str(instances)] + (["--adapter", adapter] if adapter else [])
        # Short, because Unix socket paths are; open to pass through, because PostgreSQL may run as another user.
        self._root = tempfile.mkdtemp(prefix="chat-", dir="/tmp")
        os.chmod(self._root, 0o755)
        self._data = os.path.join(self._root, "data")
        self._log = os.path.join(self._root, "log")
        self._process = None
        self._names = 0
        self._settings = settings or {}

    def start(self):
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [self._tool("chatctl"), "up", *self._arguments, "--port", str(self.port), "--data", self._data],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._root, env=self._environment(),
            )
        deadline = time.monotonic() + READY_S_MAX
        # The first instance answers before the others are there.
        while not (self._is_ready() and self._answers()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the fleet did not start:\n{self.output()[-4000:]}")
            time.sleep(0.1)
        return self

    def stop(self):
        """Stops the instances and keeps the data."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_S_MAX)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise AssertionError(f"the fleet did not stop:\n{self.output()[-4000:]}") from None
        self._process = None

    def remove(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self._root, ignore_errors=True)

    def output(self):
        return Path(self._log).read_text(errors="replace")

    def setup_link(self):
        """The one-time link that the first start prints."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = re.search(r"#setup=([\w-]+)", self.output())
            if found:
                return f"{self.url}#setup={found[1]}"
            time.sleep(0.1)
        raise AssertionError(f"no setup link was printed:\n{self.output()[-4000:]}")

    def new_user_name(self, name):
        self._names += 1
        return f"{name}{self._names}"

    def add_user(self, name, role="member"):
        """Adds a user whose name begins with `name` and is new in this fleet."""
        return self.add_user_named(self.new_user_name(name), role)

    def add_user_named(self, name, role="member", display=None):
        display = ["--display", display] if display else []
        self._chatctl("user", "add", name, "--role", role, *display, "--password-stdin", text=PASSWORD + "\n")
        return name

    def broadcast(self, text, level="info"):
        self._chatctl("broadcast", text, "--level", level)

    def instances(self):
        """The registry's records, as `chatctl instances ls` shows them."""
        # 75: an instance that was killed is listed as silent until its lease lapses.
        return json.loads(self._chatctl("instances", "ls", "--json", accepted=(0, 75)))["data"]

    def kill_instance(self, name):
        os.kill(next(instance["pid"] for instance in self.instances() if instance["id"] == name), signal.SIGKILL)

    def kill_redis(self):
        os.kill(self._state()["redis"]["pid"], signal.SIGKILL)

    def database_url(self):
        return self._state()["databaseURL"]

    def _state(self):
        return json.loads(Path(self._data, "state.json").read_text())

    def _is_ready(self):
        try:
            state = self._state()
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        # Not what a supervisor that was killed has left behind.
        return (state["phase"], state["pid"]) == ("ready", self._process.pid)

    @contextmanager
    def rolling_restart(self):
        """Replaces the instances one by one while the block runs, and waits for the end of it."""
        arguments = ["restart", "--rolling", "--spread", "1s", "--yes", "--data", self._data]
        process = subprocess.Popen(
            [self._tool("chatctl"), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, cwd=self._root, env=self._environment())
        yield
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, f"chatctl restart: {said}"

    def new_room_name(self, name):
        self._names += 1
        return f"{name}-{self._names}"

    def _answers(self):
        try:
            with urllib.request.urlopen(self.url + "api/v1/setup", timeout=2) as response:
                return response.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def _chatctl(self, *arguments, text=None, accepted=(0,)):
        done = subprocess.run(
            [self._tool("chatctl"), *arguments, "--data", self._data], input=text, text=True, capture_output=True,
            cwd=self._root, env=self._environment(), timeout=60,
        )
        assert done.returncode in accepted, f"chatctl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    @staticmethod
    def _tool(name):
        return os.path.join(os.environ["CHAT_BIN_DIR"], name)

    def _environment(self):
        # The fleet brings its own services: those of the other tests are none of its business.
        outside = ("DATABASE_URL", "REDIS_URL", "USE_REDIS_ADAPTER", "PORT", "HOST", "INSTANCE_ID")
        kept = {name: value for name, value in os.environ.items() if name not in outside}
        return {**kept, "PUBLIC_DIR": str(PUBLIC), **self._settings}
