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
    alice.fill_room(130)
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


@pytest.mark.parametrize("name, body", [
    ("bidi", "before \u202eesrever\u202c and \u2066isolated after"),
    ("zalgo", "z" + "\u0301\u0335\u0489" * 60 + "algo"),
    ("address", "[click](data:text/html,<script>alert(1)</script>) [here](vbscript:x) [there](//evil.example)"),
    ("markup", "&lt;b&gt; <b>bold</b> <style>*{display:none}</style> <a href='javascript:alert(1)'>x</a>"),
])
def test_a_hostile_body_stays_inside_its_message(alice, name, body):
    alice.say_and_wait("before it")
    alice.composer.fill(body)
    alice.composer.press("Enter")
    row = alice.page.get_by_test_id("message").last
    expect(row).to_have_attribute("data-state", "stored")
    expect(row.locator(".body")).to_have_text(body)
    expect(row.locator(".body").locator("a, b, script, style, img")).to_have_count(0)
    # Nothing is turned around or painted outside: the row clips, the text isolates.
    style = "element => [getComputedStyle(element).unicodeBidi, getComputedStyle(element.closest('article')).contain]"
    assert row.locator(".body").evaluate(style) == ["isolate", "paint"]
    assert alice.message("before it").bounding_box()["height"] < 60


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


def test_an_edit_shows_in_place_and_keeps_what_was_being_written(alice):
    alice.say_and_wait("a typo heer")
    alice.composer.press("ArrowUp")
    expect(alice.page.get_by_test_id("composer-banner")).to_contain_text("Editing")
    expect(alice.composer).to_have_value("a typo heer")
    alice.composer.fill("a typo here")
    alice.composer.press("Enter")
    expect(alice.message("a typo here").locator(".edited")).to_be_visible()
    expect(alice.composer).to_have_value("")
    alice.reload()
    expect(alice.message("a typo here").locator(".edited")).to_be_visible()
    expect(alice.message("a typo heer")).to_have_count(0)


def test_escape_gives_an_edit_up(alice):
    alice.say_and_wait("as it was")
    alice.composer.press("ArrowUp")
    alice.composer.fill("something else")
    alice.composer.press("Escape")
    expect(alice.composer).to_have_value("")
    expect(alice.page.get_by_test_id("composer-banner")).to_be_hidden()
    expect(alice.message("as it was")).to_have_count(1)


def test_a_deleted_message_leaves_a_tombstone_and_its_quote_tells_nothing(alice):
    alice.say_and_wait("regretted")
    alice.composer.press("Shift+ArrowUp")
    alice.say_and_wait("about that")
    expect(alice.message("about that").get_by_test_id("quote")).to_contain_text("regretted")
    alice.page.get_by_test_id("message").filter(has_text="regretted").first.hover()
    alice.page.get_by_test_id("tools").get_by_role("button", name="More", exact=True).click()
    alice.page.get_by_role("menuitem", name="Delete").click()
    alice.page.get_by_role("button", name="Delete", exact=True).click()
    expect(alice.page.get_by_text("Message deleted by")).to_be_visible()
    expect(alice.message("regretted")).to_have_count(0)
    expect(alice.message("about that").get_by_test_id("quote")).to_contain_text("deleted message")


def test_a_click_on_a_quote_goes_to_what_is_answered(alice):
    alice.say_and_wait("the question")
    alice.composer.press("Shift+ArrowUp")
    alice.say_and_wait("the answer")
    alice.message("the answer").get_by_test_id("quote").click()
    expect(alice.page.get_by_test_id("message").first).to_be_focused()
    expect(alice.page.get_by_test_id("message").first).to_contain_text("the question")


def test_a_reaction_is_added_and_taken_back_with_the_picker(alice):
    alice.say_and_wait("react to me")
    alice.act("react to me", "React")
    alice.page.get_by_test_id("emoji-picker").get_by_role("searchbox").fill("rocket")
    alice.page.keyboard.press("Enter")
    expect(alice.reaction("react to me")).to_have_text("🚀1")
    expect(alice.reaction("react to me")).to_have_attribute("aria-pressed", "true")
    alice.reload()
    expect(alice.reaction("react to me")).to_have_attribute("aria-pressed", "true")
    alice.reaction("react to me").click()
    expect(alice.reaction("react to me")).to_have_count(0)


def test_an_address_with_a_message_opens_the_room_there(alice):
    alice.fill_room(160)
    first = alice.page.url
    alice.page.goto("about:blank")
    alice.page.goto(f"{first}/20")
    target = alice.page.locator('[data-seq="20"]')
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport()
    expect(alice.message("line number 160.")).to_have_count(0)
    # Downwards too, page by page, until the room follows its end again.
    log = alice.page.get_by_test_id("log")
    for _ in range(40):
        log.evaluate("log => { log.scrollTop = log.scrollHeight; }")
        if alice.message("line number 160.").count():
            break
        alice.page.wait_for_timeout(100)
    alice.expect_heard("line number 160.")
    expect(alice.page.get_by_test_id("message")).to_have_count(160)


def test_writing_from_the_middle_of_the_history_leads_to_the_end(alice):
    alice.fill_room(160)
    room = alice.page.url
    alice.page.goto("about:blank")
    alice.page.goto(f"{room}/20")
    expect(alice.page.locator('[data-seq="20"]')).to_be_focused()
    alice.say_and_wait("at the end")
    expect(alice.message("at the end")).to_be_in_viewport()
    expect(alice.message("line number 160.")).to_have_count(1)


def test_names_rooms_and_emoji_are_completed_in_the_field(alice):
    alice.composer.press_sequentially("see #gene")
    expect(alice.page.get_by_test_id("offers").get_by_role("option")).to_have_count(1)
    expect(alice.composer).to_have_attribute("aria-activedescendant", "offer-0")
    alice.composer.press("Tab")
    alice.composer.press_sequentially(":tad")
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value("see #general 🎉 ")
    alice.composer.press("Enter")
    alice.expect_sent("see")
    expect(alice.message("see").get_by_role("link", name="#general")).to_be_visible()


def test_marks_are_put_around_the_selection(alice):
    alice.composer.fill("one two")
    alice.composer.press("Home")
    for _ in range(3):
        alice.composer.press("Shift+ArrowRight")
    alice.composer.press("Control+b")
    expect(alice.composer).to_have_value("**one** two")


def test_a_long_message_is_folded(alice):
    alice.composer.fill("\n".join(f"row {number}" for number in range(40)))
    alice.composer.press("Enter")
    alice.expect_sent("row 39")
    before = alice.message("row 39").bounding_box()["height"]
    alice.message("row 39").get_by_role("button", name="Show all").click()
    assert alice.message("row 39").bounding_box()["height"] > before * 1.5


def test_search_opens_a_result_at_its_place(fleet, alice):
    word = fleet.new_room_name("needle").replace("-", "")
    alice.say_and_wait(f"a {word} in the hay")
    alice.fill_room(120)
    alice.reload()
    alice.expect_heard("line number 120.")
    alice.page.keyboard.press("Control+Shift+F")
    alice.page.get_by_test_id("search-field").fill(word)
    alice.page.keyboard.press("Enter")
    result = alice.page.get_by_test_id("result")
    expect(result).to_have_count(1)
    result.get_by_role("button").click()
    expect(alice.page.get_by_test_id("message").filter(has_text=word)).to_be_focused()
    expect(alice.message("line number 120.")).to_have_count(0)
    alice.page.get_by_test_id("to-end").click()
    expect(alice.message("line number 120.")).to_be_in_viewport()


def test_a_draft_of_many_lines_leaves_the_end_of_the_messages_in_view(fleet, new_window):
    window = new_window(fleet).log_in(fleet.add_user("alice"))
    window.create_room(fleet.new_room_name("drafts"))
    window.fill_room(40)
    window.composer.focus()
    for _ in range(6):
        window.page.keyboard.type("line")
        window.page.keyboard.press("Shift+Enter")
    window.page.keyboard.type("and the last one")
    away = window.page.get_by_test_id("log").evaluate("log => log.scrollHeight - log.scrollTop - log.clientHeight")
    assert away < 2
    expect(window.page.get_by_test_id("to-end")).to_be_hidden()
