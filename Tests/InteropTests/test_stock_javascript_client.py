"""The stock JavaScript client, in node and in Chromium, against `ConformanceServer client`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conformance import ConformanceServer, fetch_stock_client
from person import TRANSPORTS

HERE = Path(__file__).parent / "javascript"


@pytest.fixture(scope="module")
def server():
    with ConformanceServer("client") as server:
        yield server


@pytest.fixture(scope="module")
def stock_client(tmp_path_factory):
    return fetch_stock_client(tmp_path_factory.mktemp("stock-client"))


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.parametrize("transports", TRANSPORTS)
def test_the_client_in_node_is_served(server, stock_client, transports):
    environment = {
        **os.environ,
        "STOCK_CLIENT": str(stock_client),
        "SERVER_URL": server.url,
        "TRANSPORTS": ",".join(TRANSPORTS[transports]),
    }
    tests = ["--experimental-websocket", "--test", str(HERE / "client-mode.test.mjs")]
    run = subprocess.run(["node", *tests], env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr


IN_THE_PAGE = (HERE / "in-the-page.js").read_text()


@pytest.fixture(scope="module")
def page(server, stock_client):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHAT_CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        # Nothing is there, which makes it a page of the server's origin all the same.
        page.goto(server.url)
        page.add_script_tag(path=str(stock_client))
        page.add_script_tag(content=IN_THE_PAGE)
        yield page
        browser.close()


@pytest.mark.parametrize("transports", TRANSPORTS)
def test_the_client_in_chromium_is_served(page, transports):
    assert page.evaluate("(transports) => exercise(transports)", TRANSPORTS[transports]) == {
        "transport": TRANSPORTS[transports][-1],
        "echo": {"text": "ä€😀", "list": [1, None, False]},
        "bytes": "asdfasdf",
        "blob": "back",
        "namespaces": ["Invalid namespace", "Auth failed (custom namespace)"],
        "ids": True,
        "askedByTheServer": True,
        "recovered": True,
    }
