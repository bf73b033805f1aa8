"""What breaks in operation, under pages that are open."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def three(new_fleet, new_window):
    """Three people on three instances of a fleet that the test may break, all in #general."""
    fleet = new_fleet(instances=3)
    windows = []
    for name in ("alice", "bob", "carla"):
        name = fleet.add_user(name)
        taken = [window.instance for window in windows]
        window = new_window(fleet).log_in(name).leave_instance(*taken)
        window.name = name
        window.open_room("general")
        windows.append(window)
    return fleet, windows


def expect_all_hear(windows, text):
    for window in windows:
        expect(window.message(text)).to_be_visible(timeout=30_000)
        expect(window.message(text)).to_have_count(1)


def test_three_windows_on_three_instances_tell_one_story(three):
    _, windows = three
    alice, bob, carla = windows
    assert len({window.instance for window in windows}) == 3
    alice.say_and_wait("from alice")
    bob.say_and_wait("from bob")
    carla.say_and_wait("from carla")
    for text in ("from alice", "from bob", "from carla"):
        expect_all_hear(windows, text)
    bob.act("from bob", "React with 👍")
    for window in windows:
        expect(window.reaction("from bob")).to_have_text("👍1")
    carla.reaction("from bob").click()
    for window in windows:
        expect(window.reaction("from bob")).to_have_text("👍2")
    expect(alice.reaction("from bob")).to_have_attribute("aria-pressed", "false")
    carla.composer.press("ArrowUp")
    carla.composer.fill("from carla, corrected")
    carla.composer.press("Enter")
    expect_all_hear(windows, "from carla, corrected")
    alice.act("from alice", "Delete")
    alice.page.get_by_role("button", name="Delete", exact=True).click()
    for window in windows:
        expect(window.page.get_by_text(f"Message deleted by {alice.name}")).to_be_visible()


def test_an_instance_that_is_killed_under_a_page_loses_nothing(three):
    fleet, windows = three
    alice, bob, carla = windows
    alice.say_and_wait("before")
    fleet.kill_instance(alice.instance)
    for number in range(5):
        alice.say(f"in the gap {number}")
    bob.say_and_wait("meanwhile")
    for number in range(5):
        expect_all_hear(windows, f"in the gap {number}")
    expect_all_hear(windows, "meanwhile")
    texts = carla.page.get_by_test_id("message").filter(has_text="in the gap").locator(".body").all_inner_texts()
    assert texts == [f"in the gap {number}" for number in range(5)]


def test_a_rolling_restart_moves_the_pages_and_loses_nothing(three):
    fleet, windows = three
    alice, bob, _ = windows
    alice.say_and_wait("before")
    with fleet.rolling_restart():
        for number in range(10):
            alice.say(f"from alice {number}")
            bob.say(f"from bob {number}")
            bob.expect_sent(f"from bob {number}")
    for number in range(10):
        expect_all_hear(windows, f"from alice {number}")
        expect_all_hear(windows, f"from bob {number}")
    alice.say_and_wait("after")
    expect_all_hear(windows, "after")


def test_redis_that_is_killed_and_restarted_costs_a_moment_and_no_message(three):
    fleet, windows = three
    alice, bob, _ = windows
    alice.say_and_wait("before")
    expect_all_hear(windows, "before")
    fleet.kill_redis()
    alice.say_and_wait("without redis")
    bob.say_and_wait("me too")
    expect_all_hear(windows, "without redis")
    expect_all_hear(windows, "me too")
    alice.say_and_wait("after")
    expect_all_hear(windows, "after")


def test_a_browser_that_was_offline_catches_up_and_sends_what_was_written(three):
    _, windows = three
    alice, bob, _ = windows
    alice.say_and_wait("before")
    bob.page.context.set_offline(True)
    # Chromium keeps open WebSockets when it goes offline; the page loses its connection with the next reconnect.
    bob.page.evaluate("dispatchEvent(new Event('offline'))")
    alice.say_and_wait("you missed this")
    bob.say("written on the train")
    bob.page.context.set_offline(False)
    expect_all_hear(windows, "you missed this")
    expect_all_hear(windows, "written on the train")
