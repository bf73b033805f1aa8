"""Keyboard, screen reader, small screens."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from fleet import PASSWORD


@pytest.fixture
def alice(fleet, new_window):
    window = new_window(fleet).log_in(fleet.add_user("alice"))
    window.create_room(fleet.new_room_name("access"), "What everybody can use")
    window.say("**one** with `code` and https://example.org/")
    window.expect_sent("one with")
    window.say_and_wait("two")
    return window


def expect_accessible(window, what):
    results = Axe().run(window.page)
    assert results.violations_count == 0, f"{what}:\n{results.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_passes_the_rules_of_axe(fleet, new_window, scheme):
    window = new_window(fleet, color_scheme=scheme, reduced_motion="reduce").open()
    expect(window.page.get_by_test_id("login")).to_be_visible()
    expect_accessible(window, "log in")
    for page in ("signup/", "setup/"):
        window.open(page)
        expect_accessible(window, page)
    window.open()
    window.fill_log_in(fleet.add_user("axe"), PASSWORD)
    window.wait_until_online()
    window.create_room(fleet.new_room_name("axe"), "Rules")
    window.say("**bold** `code` #general\n\n> quote\n\n```\nblock\n```")
    window.expect_sent("bold")
    window.say_and_wait("second")
    window.act("second", "React with 👍")
    expect(window.reaction("second")).to_be_visible()
    window.composer.press("Shift+ArrowUp")
    expect_accessible(window, "a room")
    window.composer.press("Escape")
    for name, test_id in [("browse", "browse-rooms"), ("create", "create-room"), ("direct", "new-direct"),
                          ("switcher", "open-switcher"), ("account", "open-account"), ("connection", "badge"),
                          ("keyboard", "open-keys")]:
        window.page.get_by_test_id(test_id).click()
        expect(window.page.locator("dialog[open]")).to_be_visible()
        expect_accessible(window, name)
        window.page.keyboard.press("Escape")
        expect(window.page.locator("dialog[open]")).to_have_count(0)
    window.page.get_by_test_id("toggle-favourite").click()
    window.member("axe").first.click()
    expect(window.page.get_by_test_id("person")).to_be_visible()
    expect_accessible(window, "a person, and a favourite")
    window.page.keyboard.press("Escape")
    window.page.get_by_test_id("toggle-search").click()
    expect_accessible(window, "search")
    window.page.goto(window.url + "#/room/0190aaaa-0000-7000-8000-000000000000")
    expect(window.page.get_by_text("There is no such room")).to_be_visible()
    expect_accessible(window, "no room")


def test_a_whole_conversation_needs_no_pointer(fleet, new_window):
    """Log in, make a room, write, walk the messages, react, edit, answer, search for a room: keys only."""
    window = new_window(fleet).open()
    keys = window.page.keyboard
    name, room = fleet.add_user("keys"), fleet.new_room_name("by-keys")
    expect(window.page.get_by_test_id("login").get_by_label("Name")).to_be_focused()
    keys.type(name)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    window.wait_until_online()
    expect(window.composer).to_be_focused()

    keys.press("F6")
    expect(window.page.get_by_test_id("panel")).to_be_focused()
    keys.press("F6")
    expect(window.page.get_by_test_id("side")).to_be_focused()
    window.page.get_by_test_id("create-room").focus()
    keys.press("Enter")
    keys.type(room)
    keys.press("Enter")
    window.expect_title(f"#{room}")
    expect(window.composer).to_be_focused()

    keys.type("first")
    keys.press("Enter")
    window.expect_sent("first")
    keys.type("second")
    keys.press("Enter")
    window.expect_sent("second")

    keys.press("Shift+F6")
    expect(window.page.get_by_test_id("log")).to_be_focused()
    keys.press("ArrowUp")
    expect(window.message("second")).to_be_focused()
    keys.press("ArrowUp")
    expect(window.message("first")).to_be_focused()
    keys.press("Enter")
    expect(window.page.get_by_role("button", name="React with 👍")).to_be_focused()
    keys.press("Enter")
    expect(window.reaction("first")).to_have_text("👍1")
    expect(window.message("first")).to_be_focused()
    keys.press("Enter")
    for _ in range(5):
        keys.press("ArrowRight")
    expect(window.page.get_by_role("button", name="Reply", exact=True)).to_be_focused()
    keys.press("Enter")
    expect(window.composer).to_be_focused()
    keys.type("answer")
    keys.press("Enter")
    window.expect_sent("answer")
    expect(window.message("answer").get_by_test_id("quote")).to_contain_text("first")

    keys.press("ArrowUp")
    keys.type(" edited")
    keys.press("Enter")
    expect(window.message("answer edited")).to_be_visible()

    keys.press("Control+k")
    keys.type("general")
    keys.press("Enter")
    window.expect_title("#general")
    expect(window.composer).to_be_focused()
    keys.press("Escape")
    keys.press("F6")
    keys.press("?")
    expect(window.page.get_by_role("heading", name="Keyboard")).to_be_visible()
    keys.press("Escape")
    expect(window.page.locator("dialog")).to_have_count(0)


def test_alt_shift_and_arrows_go_to_what_is_unread(fleet, new_window, alice):
    name = fleet.add_user("bob")
    bob = new_window(fleet).log_in(name)
    room = alice.page.get_by_test_id("room-title").inner_text()
    bob.join_room(room[1:])
    bob.open_room("general")
    alice.say_and_wait("come here")
    expect(bob.room_link(room[1:])).to_contain_text("1")
    bob.page.keyboard.press("Alt+Shift+ArrowDown")
    bob.expect_title(room)


def test_messages_are_read_out_with_their_author_and_not_while_history_loads(alice):
    log = alice.page.get_by_role("log")
    expect(log).to_have_attribute("aria-busy", "false")
    expect(log.get_by_role("article")).to_have_count(2)
    # The second of a group shows no name, and has one all the same.
    expect(alice.message("two").locator("header")).to_have_class("visually-hidden")
    expect(alice.message("two").locator("header")).not_to_be_empty()
    # Read out whole: who, what, and last when.
    expect(alice.message("two")).to_have_accessible_name(re.compile(rf"^{alice.me()['name']} two \d\d:\d\d$"))
    alice.message("two").focus()
    expect(log).to_have_attribute("aria-live", "off")
    alice.page.keyboard.press("Escape")
    expect(log).not_to_have_attribute("aria-live", "off")


@pytest.mark.parametrize("width, height, scale", [(320, 568, 2), (320, 256, 4)], ids=["phone", "400-percent"])
def test_everything_is_usable_at_320_pixels(fleet, new_window, width, height, scale):
    """1280 by 1024 pixels at 400 % are 320 by 256."""
    window = new_window(fleet, viewport={"width": width, "height": height}, device_scale_factor=scale)
    window.log_in(fleet.add_user("small"))
    page = window.page

    def fits():
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    fits()
    window.create_room(fleet.new_room_name("small"), "A topic that is longer than this screen is wide")
    fits()
    expect(window.composer).to_be_in_viewport()
    window.say_and_wait("small but whole")
    fits()
    page.get_by_test_id("toggle-members").click()
    expect(page.get_by_test_id("panel")).to_be_in_viewport()
    fits()
    page.get_by_test_id("panel").get_by_role("button", name="Close").click()
    page.get_by_test_id("room").get_by_role("link", name="All rooms").click()
    page.get_by_test_id("open-account").click()
    expect(page.get_by_test_id("account")).to_be_visible()
    fits()
    page.keyboard.press("Escape")
    page.go_back()
    window.expect_heard("small but whole")


def test_the_page_keeps_its_shapes_in_forced_colours(alice):
    alice.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    expect(alice.composer).to_be_visible()
    outline = "element => getComputedStyle(element).outlineStyle"
    assert alice.page.locator('.room-list a[aria-current="page"]').evaluate(outline) == "solid"


def test_a_printed_room_is_its_messages(alice):
    alice.page.emulate_media(media="print")
    expect(alice.message("two")).to_be_visible()
    expect(alice.page.get_by_test_id("side")).to_be_hidden()
    expect(alice.composer).to_be_hidden()


def test_light_and_dark_are_one_click_apart_and_are_remembered(alice):
    theme = "() => getComputedStyle(document.documentElement).colorScheme"
    alice.page.get_by_test_id("toggle-theme").click()
    assert alice.page.evaluate(theme) == "dark"
    alice.reload()
    assert alice.page.evaluate(theme) == "dark"
    alice.page.get_by_test_id("toggle-theme").click()
    assert alice.page.evaluate(theme) == "light"
