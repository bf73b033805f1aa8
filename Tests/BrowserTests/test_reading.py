"""What is unread, who is there, who is typing."""

import pytest
from playwright.sync_api import expect

from storage import say_unheard, sql


@pytest.fixture
def pair(fleet, new_window):
    """Alice in a room that Bob has joined; Bob looks at another one."""
    alice_name, bob_name = fleet.add_user("alice"), fleet.add_user("bob")
    alice, bob = new_window(fleet).log_in(alice_name), new_window(fleet).log_in(bob_name)
    alice.name, bob.name, alice.room = alice_name, bob_name, fleet.new_room_name("news")
    alice.create_room(alice.room)
    bob.join_room(alice.room)
    bob.say_and_wait("here I am")
    bob.open_room("general")
    return alice, bob


def test_a_mention_is_told_apart_from_other_messages(pair):
    alice, bob = pair
    alice.say_and_wait("for everybody")
    expect(bob.room_link(alice.room).locator(".count")).to_have_text("1 unread")
    alice.say_and_wait(f"and for @{bob.name}: look")
    expect(bob.room_link(alice.room).locator(".called")).to_have_text("1 mentions")
    expect(bob.page).to_have_title("(2) #general – Chat")
    bob.page.bring_to_front()
    bob.open_room(alice.room)
    expect(bob.message("and for").locator(".mention.mine")).to_have_text(f"@{bob.name}")


def test_the_new_line_stays_where_reading_began_until_escape(pair):
    alice, bob = pair
    alice.say_and_wait("one")
    alice.say_and_wait("two")
    expect(bob.room_link(alice.room)).to_contain_text("2")
    bob.page.bring_to_front()
    bob.open_room(alice.room)
    divider = bob.page.get_by_test_id("new-divider")
    expect(divider).to_be_visible()
    expect(bob.room_link(alice.room).locator(".count")).to_have_count(0, timeout=10_000)
    expect(divider).to_be_visible()
    bob.composer.press("Escape")
    expect(divider).to_have_count(0)


def test_reading_on_one_device_reads_on_the_other(fleet, pair, new_window):
    alice, bob = pair
    other = new_window(fleet).log_in(bob.name)
    other.open_room("general")
    alice.say_and_wait("for all your devices")
    for window in (bob, other):
        expect(window.room_link(alice.room)).to_contain_text("1")
    bob.page.bring_to_front()
    bob.open_room(alice.room)
    expect(other.room_link(alice.room).locator(".count")).to_have_count(0, timeout=10_000)


def test_unread_from_here_holds_on_all_devices_until_the_room_is_opened_again(fleet, pair, new_window):
    alice, bob = pair
    alice.say_and_wait("one")
    alice.say_and_wait("two")
    bob.page.bring_to_front()
    bob.open_room(alice.room)
    expect(bob.room_link(alice.room).locator(".count")).to_have_count(0, timeout=10_000)
    other = new_window(fleet).log_in(bob.name)
    other.open_room("general")
    bob.page.bring_to_front()
    bob.act("two", "Mark unread from here")
    expect(bob.page.get_by_test_id("new-divider")).to_be_visible()
    for window in (bob, other):
        expect(window.room_link(alice.room).locator(".count")).to_contain_text("1")


def test_a_page_that_nobody_looks_at_reads_nothing(pair):
    alice, bob = pair
    bob.open_room(alice.room)
    bob.page.evaluate("""() => {
        document.hasFocus = () => false;
        dispatchEvent(new Event('blur'));
    }""")
    alice.say_and_wait("are you there?")
    bob.expect_heard("are you there?")
    # Longer than the second after which a seen message counts as read.
    bob.page.wait_for_timeout(1_500)
    expect(bob.room_link(alice.room)).to_contain_text("1")
    bob.page.evaluate("() => { delete document.hasFocus; dispatchEvent(new Event('focus')); }")
    bob.page.bring_to_front()
    expect(bob.room_link(alice.room).locator(".count")).to_have_count(0, timeout=10_000)


def test_whoever_walks_the_messages_hears_how_many_came_and_not_each(pair):
    alice, bob = pair
    alice.say_and_wait("where bob stands")
    bob.open_room(alice.room)
    expect(bob.room_link(alice.room).locator(".count")).to_have_count(0)
    bob.message("where bob stands").focus()
    # Read at once, the number would be gone before anybody heard it.
    bob.page.evaluate("() => { document.hasFocus = () => false; dispatchEvent(new Event('blur')); }")
    for text in ("the first", "the second"):
        alice.say_and_wait(text)
    expect(bob.page.get_by_role("status").filter(has_text="2 new")).to_have_count(1)
    expect(bob.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    expect(bob.message("where bob stands")).to_be_focused()


def test_a_full_screen_of_unread_messages_opens_at_the_first(pair):
    alice, bob = pair
    alice.fill_room(40)
    expect(bob.room_link(alice.room)).to_contain_text("40")
    bob.page.bring_to_front()
    bob.open_room(alice.room)
    expect(bob.page.get_by_test_id("new-divider")).to_be_in_viewport()
    expect(bob.page.get_by_test_id("to-end")).to_contain_text("40 new")
    bob.page.get_by_test_id("to-end").click()
    expect(bob.message("line number 40.")).to_be_in_viewport()


def test_typing_is_shown_and_ends_with_the_message(pair):
    alice, bob = pair
    bob.open_room(alice.room)
    alice.composer.press_sequentially("almost")
    expect(bob.page.get_by_test_id("typing")).to_have_text(f"{alice.name} is typing…")
    alice.composer.press("Enter")
    bob.expect_heard("almost")
    expect(bob.page.get_by_test_id("typing")).to_have_text("")


def test_presence_follows_a_person_who_comes_and_goes(fleet, pair, new_window):
    alice, bob = pair
    carla_name = fleet.add_user("carla")
    alice.open_room("general")
    dot = alice.member(carla_name).locator(".presence")
    carla = new_window(fleet)
    carla.log_in(carla_name)
    expect(dot).to_have_attribute("data-presence", "online", timeout=15_000)
    carla.page.close()
    # Going is announced after a while, so that a reconnect makes no noise.
    expect(dot).to_have_attribute("data-presence", "offline", timeout=30_000)


def test_a_message_that_calls_is_told_once_whatever_the_number_of_tabs(pair):
    alice, bob = pair
    # What the page hands to the system is kept, since there is no desktop to look at.
    record = """() => {
        globalThis.told = [];
        globalThis.Notification = class {
            static permission = 'granted';
            static requestPermission = async () => 'granted';
            constructor(title, options) { told.push([title, options.body]); }
        };
        localStorage.setItem('chat:setting:sound', 'on');
        globalThis.notes = 0;
        globalThis.OscillatorNode = class extends OscillatorNode {
            start(at) { notes += 1; super.start(at); }
        };
    }"""
    second = type(bob)(bob.page.context, bob.url).open()
    second.wait_until_online()
    second.open_room("general")
    for window in (bob, second):
        window.page.evaluate(record)
    alice.say_and_wait("for nobody in particular")
    alice.say_and_wait(f"@{bob.name} look here")
    expect(bob.room_link(alice.room).locator(".called")).to_be_visible()
    expect(second.room_link(alice.room).locator(".called")).to_be_visible()
    # The tab that tells also sounds, if it was asked to: two notes.
    assert sorted(window.page.evaluate("notes") for window in (bob, second)) == [0, 2]
    told = [note for window in (bob, second) for note in window.page.evaluate("told")]
    assert told == [[f"{alice.name} in #{alice.room}", f"@{bob.name} look here"]]


def test_what_an_instance_heard_of_too_late_to_pass_on_is_counted_and_shown(fleet, pair):
    alice, bob = pair
    room, author = sql(fleet, f"""
        SELECT id, (SELECT id FROM users WHERE name = '{alice.name}') FROM rooms WHERE name = '{alice.room}'
    """).split("|")
    say_unheard(fleet, author, room, 300)
    say_unheard(fleet, author, room, 1, "the last word")
    expect(bob.room_link(alice.room).locator(".count")).to_have_text("301 unread")
    alice.expect_heard("the last word")
    bob.page.bring_to_front()
    bob.open_room(alice.room)
    expect(bob.page.get_by_test_id("new-divider")).to_be_visible()
