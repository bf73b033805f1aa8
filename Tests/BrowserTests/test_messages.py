"""Writing and reading in one window."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def alice(fleet, new_window):
    """Alice in a room of her own."""
    window = new_window(fleet).log_in(fleet.add_user("alice"))
    window.room = fleet.new_room_name("notes")
    window.create_room(window.room)
    return window


def test_a_reload_shows_the_same_room_and_its_history(alice):
    alice.say_and_wait("first")
    alice.say_and_wait("second")
    alice.reload()
    alice.expect_title(f"#{alice.room}")
    alice.expect_heard("first")
    alice.expect_heard("second")


def test_the_back_button_goes_back_to_the_room_before(alice):
    alice.open_room("general")
    alice.page.go_back()
    alice.expect_title(f"#{alice.room}")


def test_an_empty_message_is_not_sent(alice):
    alice.composer.fill("   ")
    alice.composer.press("Enter")
    expect(alice.page.get_by_test_id("message")).to_have_count(0)
    expect(alice.page.get_by_role("button", name="Send")).to_be_disabled()


def test_a_message_that_is_too_long_says_by_how_much_and_stays_in_the_field(alice):
    alice.composer.fill("é" * 4_100)
    expect(alice.page.get_by_test_id("counter")).to_contain_text("8 bytes too long")
    alice.composer.press("Enter")
    expect(alice.page.get_by_test_id("message")).to_have_count(0)
    assert alice.composer.input_value() == "é" * 4_100
    alice.composer.fill("é" * 4_096)
    alice.composer.press("Enter")
    alice.expect_sent("é" * 4_096)


def test_shift_enter_starts_a_new_line_and_enter_sends(alice):
    alice.composer.press_sequentially("one")
    alice.composer.press("Shift+Enter")
    alice.composer.press_sequentially("two")
    expect(alice.composer).to_have_value("one\ntwo")
    alice.composer.press("Enter")
    alice.expect_sent("one")
    expect(alice.message("one").locator("br")).to_have_count(1)


def test_a_draft_stays_with_its_room_and_survives_a_reload(alice):
    alice.composer.fill("not finished")
    alice.open_room("general")
    expect(alice.composer).to_have_value("")
    alice.open_room(alice.room)
    expect(alice.composer).to_have_value("not finished")
    alice.reload()
    expect(alice.composer).to_have_value("not finished")


def test_messages_of_one_author_stand_under_one_name(alice):
    for text in ("one", "two", "three"):
        alice.say_and_wait(text)
    expect(alice.page.locator(".message.lead")).to_have_count(1)


def test_scrolling_up_loads_older_messages_and_keeps_the_place(alice):
    alice.page.evaluate(
        """async (room) => {
            for (let number = 1; number <= 130; number += 1) {
                const answer = await fetch(`/api/v1/rooms/${room}/messages`, {
                    method: 'POST',
                    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
                    body: JSON.stringify({ body: `line number ${number}.` }),
                });
                if (!answer.ok) throw new Error(`sending answered ${answer.status}`);
            }
        }""",
        alice.page.url.rsplit("/", 1)[1],
    )
    alice.expect_heard("line number 130.")
    alice.reload()
    alice.expect_heard("line number 130.")
    expect(alice.message("line number 20.")).to_have_count(0)
    log = alice.page.get_by_test_id("log")
    anchor = alice.message("line number 90.")
    anchor.scroll_into_view_if_needed()
    before = anchor.bounding_box()["y"]
    log.evaluate("log => { log.scrollTop -= 1; }")
    expect(alice.message("line number 50.")).to_have_count(1)
    assert abs(anchor.bounding_box()["y"] - before) <= 3
    for _ in range(20):
        log.evaluate("log => { log.scrollTop = 0; }")
        if alice.message("line number 1.").count():
            break
        alice.page.wait_for_timeout(100)
    alice.expect_heard("line number 1.")
    expect(alice.page.get_by_test_id("message")).to_have_count(130)
    expect(alice.page.get_by_test_id("to-end")).to_be_visible()
    alice.page.get_by_test_id("to-end").click()
    expect(alice.message("line number 130.")).to_be_in_viewport()


def test_markdown_is_shown_and_hostile_bodies_are_text(alice):
    alice.say("**bold** `code` https://example.org/x")
    alice.expect_sent("bold")
    row = alice.message("bold")
    expect(row.locator("strong")).to_have_text("bold")
    expect(row.locator("a")).to_have_attribute("rel", "noopener noreferrer ugc")
    hostile = "<img src=x onerror=alert(1)> [click](javascript:alert(2)) <script>alert(3)</script>"
    alice.say_and_wait(hostile)
    row = alice.message("onerror")
    expect(row.locator(".body")).to_have_text(hostile)
    expect(row.locator("img, script, a")).to_have_count(0)


def test_a_word_of_eight_thousand_letters_does_not_widen_the_page(alice):
    alice.page.set_viewport_size({"width": 360, "height": 640})
    alice.composer.fill("w" * 8_000)
    alice.page.get_by_role("button", name="Send").click()
    alice.expect_sent("w" * 8_000)
    assert alice.page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_switcher_opens_a_room_by_keyboard_alone(alice):
    alice.page.keyboard.press("Control+k")
    expect(alice.page.get_by_test_id("picker-field")).to_be_focused()
    alice.page.keyboard.type("gene")
    alice.page.keyboard.press("Enter")
    alice.expect_title("#general")
    expect(alice.composer).to_be_focused()


def test_arrow_keys_walk_the_messages_and_escape_returns_to_writing(alice):
    alice.say_and_wait("one")
    alice.say_and_wait("two")
    alice.page.get_by_test_id("log").focus()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.message("two")).to_be_focused()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.message("one")).to_be_focused()
    alice.page.keyboard.press("Escape")
    expect(alice.composer).to_be_focused()


def test_a_room_name_that_exists_is_refused_with_a_message(alice):
    alice.page.get_by_test_id("create-room").click()
    form = alice.page.get_by_test_id("new-room")
    form.get_by_label("Name").fill("general")
    form.get_by_role("button", name="Create room").click()
    expect(form.get_by_role("alert")).not_to_be_empty()


def test_an_address_of_a_room_that_does_not_exist_says_so(alice):
    alice.page.goto(alice.url + "#/room/0190aaaa-0000-7000-8000-000000000000")
    expect(alice.page.get_by_text("There is no such room")).to_be_visible()
