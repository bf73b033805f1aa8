"""The stock JavaScript client, in node and in Chromium, with every documented event against the chat itself."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import fetch_stock_client
from documented import play
from person import TRANSPORTS, eventually, log_in

HERE = Path(__file__).parent / "javascript"


class Member:
    """One of a cast, for `play`."""

    def __init__(self, call, name, fleet, transports):
        self._call = call
        self.name = name
        self.id = call("join", name, log_in(fleet, name), transports)["me"]["id"]

    def get(self, event, request):
        answer = self._call("ask", self.name, event, request)
        assert answer["ok"], answer
        return answer["data"]

    @property
    def log(self):
        return self._call("log", self.name)

    @property
    def transport(self):
        return self._call("transport", self.name)


def play_through(call, fleet, transports):
    cast = {name: Member(call, fleet.add_user(name), fleet, transports) for name in ("alice", "bob", "carol")}
    play(fleet, cast)
    for member in cast.values():
        eventually(lambda: member.transport == transports[-1], f"{member.name} is on {transports[-1]}")


@pytest.fixture(scope="module")
def stock_client(tmp_path_factory):
    return fetch_stock_client(tmp_path_factory.mktemp("stock-client"))


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_the_client_in_node_chats(fleet, stock_client, transports):
    environment = {**os.environ, "STOCK_CLIENT": str(stock_client), "SERVER_URL": fleet.url}
    command = ["node", "--experimental-websocket", str(HERE / "cast-in-node.mjs")]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        def call(*arguments):
            node.stdin.write(json.dumps(arguments) + "\n")
            node.stdin.flush()
            answer = json.loads(node.stdout.readline())
            assert "error" not in answer, answer
            return answer["value"]

        try:
            play_through(call, fleet, transports)
            node.stdin.close()
            assert node.wait(timeout=10) == 0
        finally:
            node.kill()


@pytest.fixture(scope="module")
def page(fleet, stock_client):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHAT_CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        # Our policy lets no script into a page but our own.
        page = browser.new_context(bypass_csp=True).new_page()
        page.goto(fleet.url + "api/v1/setup")
        page.add_script_tag(path=str(stock_client))
        page.add_script_tag(path=str(HERE / "cast.js"))
        yield page
        browser.close()


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_the_client_in_chromium_chats(fleet, page, transports):
    page.evaluate("globalThis.cast = makeCast(io, location.origin), null")
    try:
        play_through(
            lambda method, *given: page.evaluate("([method, given]) => cast[method](...given)", [method, given]),
            fleet, transports)
    finally:
        page.evaluate("cast.leave()")
