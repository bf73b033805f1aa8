"""A real fleet, a real Chromium. `CHAT_BIN_DIR` names the folder of `chatctl` and `ChatServer`."""

import os
import sys
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "PythonSupport")]

from fleet import Fleet  # noqa: E402
from window import Window  # noqa: E402

CHROMIUM = os.environ.get("CHAT_CHROMIUM") or "/usr/bin/chromium"


def pytest_configure():
    if "CHAT_BIN_DIR" not in os.environ:
        raise pytest.UsageError("CHAT_BIN_DIR is not set: it names the folder that holds chatctl and ChatServer")


@pytest.fixture(scope="session")
def screenshots():
    folder = Path(os.environ.get("CHAT_SCREENSHOTS") or tempfile.mkdtemp(prefix="chat-screenshots-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"screenshots are written to {folder}")
    return folder


@pytest.fixture(scope="session")
def browser():
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def fleet():
    """Three instances with the Redis adapter, shared by the tests: each brings people and rooms of its own."""
    # Rooms are filled faster than people write.
    fleet = Fleet(instances=3, settings={"LIMIT_SENDS": "0", "LIMIT_SENDS_PER_ROOM": "0"}).start()
    yield fleet
    fleet.remove()


@pytest.fixture
def new_fleet():
    """Makes fleets for tests that stop them or need a first start."""
    fleets = []

    def make(**options):
        fleets.append(Fleet(**options))
        return fleets[-1].start()

    yield make
    for fleet in fleets:
        fleet.remove()


@pytest.fixture
def new_window(browser, request, screenshots):
    """Opens windows, each with cookies of its own. A window that had a script error fails its test."""
    contexts = []
    windows = []

    def open_window(fleet, **options):
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
        contexts.append(browser.new_context(**options))
        windows.append(Window(contexts[-1], fleet.url))
        return windows[-1]

    yield open_window
    failed = getattr(request.node, "report", None) and request.node.report.failed
    for number, window in enumerate(windows):
        if failed:
            window.page.screenshot(path=screenshots / f"failed-{request.node.name}-{number}.png")
    for context in contexts:
        context.close()
    assert [error for window in windows for error in window.errors] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.report = report
    return report
