"""`chatctl` as a script or a person at a terminal calls it, on the fleet of a test."""

import json
import subprocess

import pexpect


def run(fleet, *arguments, text=None, timeout=120, settings=None):
    return subprocess.run(
        [fleet._tool("chatctl"), *arguments, "--data", fleet._data], input=text, text=True, capture_output=True,
        cwd=fleet._root, env={**fleet._environment(), **(settings or {})}, timeout=timeout,
    )


def start(fleet, *arguments):
    """A command that goes on until it is ended; its standard output can be read line by line."""
    return subprocess.Popen(
        [fleet._tool("chatctl"), *arguments, "--data", fleet._data], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=fleet._root, env=fleet._environment(),
    )


def answer(fleet, *arguments, **options):
    """The whole of what `--json` prints."""
    done = run(fleet, *arguments, "--json", **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def data(fleet, *arguments, **options):
    return answer(fleet, *arguments, **options)["data"]


def terminal(fleet, *arguments, columns=100):
    environment = {**fleet._environment(), "TERM": "xterm", "NO_COLOR": "1"}
    return pexpect.spawn(
        fleet._tool("chatctl"), [*arguments, "--data", fleet._data], cwd=fleet._root, env=environment, timeout=60,
        encoding="utf-8", dimensions=(24, columns),
    )
