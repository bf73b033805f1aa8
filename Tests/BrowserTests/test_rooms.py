"""Rooms and the people in them, in two windows."""

import re

import pytest
import requests
from playwright.sync_api import expect

from fleet import PASSWORD


@pytest.fixture
def pair(fleet, new_window):
    """Two people, wherever the kernel puts them."""
    windows = []
    for name in ("alice", "bob"):
        name = fleet.add_user(name)
        windows.append(new_window(fleet).log_in(name))
        windows[-1].name = name
    return windows


def test_a_private_room_is_seen_by_those_who_are_added(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("secret")
    alice.create_room(room, private=True)
    bob.page.get_by_test_id("browse-rooms").click()
    bob.page.get_by_test_id("picker-field").fill(room)
    expect(bob.page.get_by_test_id("option").filter(has_text=room)).to_have_count(0)
    bob.page.keyboard.press("Escape")
    alice.add_people(bob.name)
    bob.open_room(room)
    expect(alice.page.get_by_test_id("log")).to_contain_text(f"added {bob.name}")
    alice.say_and_wait("just us")
    bob.expect_heard("just us")


def test_a_person_who_is_removed_loses_the_room_at_once(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("secret")
    alice.create_room(room, private=True)
    alice.add_people(bob.name)
    bob.open_room(room)
    alice.member(bob.name).click()
    alice.page.get_by_role("button", name=f"Remove from #{room}").click()
    expect(bob.room_link(room)).to_have_count(0)
    expect(bob.page.get_by_test_id("room-title")).not_to_have_text(f"#{room}")


def test_a_moderator_is_made_and_may_rename_the_room(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("board")
    alice.create_room(room)
    bob.join_room(room)
    expect(bob.page.get_by_role("button", name="Room settings")).to_have_count(0)
    alice.member(bob.name).click()
    alice.page.get_by_role("button", name="Make moderator").click()
    bob.page.get_by_role("button", name="Room settings").click()
    form = bob.page.get_by_test_id("edit-room")
    form.get_by_label("Topic").fill("What we decided")
    form.get_by_label("Name").fill(f"{room}-new")
    form.get_by_role("button", name="Save").click()
    alice.expect_title(f"#{room}-new")
    expect(alice.page.locator(".topic")).to_have_text("What we decided")
    expect(alice.page.get_by_test_id("log")).to_contain_text(f"renamed the room to #{room}-new")


def test_edited_tells_others_what_was_said_before_until_the_room_forgets_it(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("drafts")
    alice.create_room(room)
    bob.join_room(room)
    alice.say("**one**")
    alice.expect_sent("one")
    for text in ("two", "three"):
        alice.composer.press("ArrowUp")
        alice.composer.fill(text)
        alice.composer.press("Enter")
        expect(alice.message(text)).to_be_visible()
    mark = bob.message("three").get_by_test_id("edited")
    mark.hover()
    expect(mark).to_have_attribute("title", re.compile(r"Edited .*Before:\ntwo$", re.DOTALL))
    mark.focus()
    bob.page.keyboard.press("Enter")
    versions = bob.page.get_by_test_id("versions")
    expect(versions.get_by_role("listitem")).to_have_count(2)
    expect(versions.get_by_role("listitem").first).to_contain_text("two")
    expect(versions.locator("strong")).to_have_text("one")
    bob.page.keyboard.press("Escape")
    expect(mark).to_be_focused()

    alice.page.get_by_role("button", name="Room settings").click()
    form = alice.page.get_by_test_id("edit-room")
    form.get_by_label("Keep earlier versions").uncheck()
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    mark.click()
    expect(versions).to_have_text("This room does not keep them.")


def test_an_archived_room_can_be_read_and_restored(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("done")
    alice.create_room(room)
    bob.join_room(room)
    alice.say_and_wait("the end")
    alice.page.get_by_test_id("archive-room").click()
    expect(bob.page.get_by_text("This room is archived").first).to_be_visible()
    expect(bob.composer).to_be_hidden()
    bob.expect_heard("the end")
    alice.page.get_by_test_id("restore-room").click()
    expect(bob.composer).to_be_visible()
    bob.say_and_wait("on we go")
    alice.expect_heard("on we go")


def test_a_group_conversation_reaches_everybody_in_it(fleet, pair, new_window):
    alice, bob = pair
    carla_name = fleet.add_user("carla")
    carla = new_window(fleet).log_in(carla_name)
    alice.open_direct(bob.name, carla_name)
    alice.say_and_wait("hello you two")
    for window in (bob, carla):
        window.direct_link(alice.name).click()
        window.expect_heard("hello you two")


def test_a_muted_room_counts_nothing(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("noise")
    alice.create_room(room)
    bob.join_room(room)
    bob.page.get_by_label("Notify me about").select_option("nothing")
    expect(bob.room_link(room)).to_have_class("muted")
    bob.open_room("general")
    alice.say_and_wait("nothing to see")
    marker = fleet.new_room_name("marker")
    alice.open_room("general")
    alice.say_and_wait(marker)
    bob.expect_heard(marker)
    expect(bob.room_link(room).locator(".count")).to_have_count(0)


def test_the_switcher_finds_a_person_by_initials(fleet, pair):
    alice, bob = pair
    bob.page.get_by_test_id("open-account").click()
    account = bob.page.get_by_test_id("account")
    account.get_by_label("Display name").fill("Zoë Quartz")
    account.get_by_role("button", name="Save").click()
    expect(bob.page.get_by_test_id("me")).to_contain_text("Zoë Quartz")
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type("zq")
    expect(alice.page.get_by_test_id("option").first).to_contain_text("Zoë Quartz")
    alice.page.keyboard.press("Enter")
    alice.expect_title("Zoë Quartz")


def test_a_favourite_stands_at_the_top_in_all_tabs_and_after_a_reload(fleet, pair):
    alice, _ = pair
    room = fleet.new_room_name("starred")
    alice.create_room(room)
    other = alice.open_tab()
    favourites = alice.page.get_by_test_id("favourites")
    expect(favourites).to_be_hidden()
    star = alice.page.get_by_test_id("toggle-favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(favourites.get_by_role("link")).to_have_text([f"#{room}"])
    expect(alice.room_link(room)).to_have_count(0)
    expect(other.page.get_by_test_id("favourites")).to_contain_text(room)
    alice.reload()
    expect(favourites).to_contain_text(room)
    star.click()
    expect(favourites).to_be_hidden()
    expect(alice.room_link(room)).to_be_visible()


def test_the_switcher_begins_a_conversation(fleet, pair):
    alice, bob = pair
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type(f"message {bob.name}")
    expect(alice.page.get_by_test_id("option").first).to_contain_text(bob.name)
    alice.page.keyboard.press("Enter")
    alice.expect_title(bob.name)
    alice.say_and_wait("by the switcher")
    expect(bob.direct_link(alice.name)).to_be_visible()
    # The same words find it again; without a name they ask for one.
    alice.open_room("general")
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type(f"message {bob.name}")
    alice.page.keyboard.press("Enter")
    alice.expect_title(bob.name)
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type("new conversation")
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_role("dialog")).to_contain_text("New conversation")


def test_an_announcement_stays_until_it_is_closed(fleet, pair):
    alice, bob = pair
    alice.page.clock.install()
    text = f"Back in five minutes ({fleet.new_room_name('notice')})"
    fleet.broadcast(text, "warn")
    for window in (alice, bob):
        notice = window.page.get_by_test_id("toast").filter(has_text=text)
        expect(notice).to_be_visible()
        expect(notice).to_have_attribute("data-tone", "warn")
    # It is read out, and it does not go by itself as other notices do.
    expect(alice.page.get_by_role("status").filter(has_text=text)).to_have_count(1)
    alice.page.clock.fast_forward(60_000)
    expect(alice.page.get_by_test_id("toast").filter(has_text=text)).to_be_visible()
    for window in (alice, bob):
        window.page.get_by_test_id("toast").get_by_role("button", name="Close").click()
        expect(window.page.get_by_test_id("toast")).to_have_count(0)


def test_the_bell_chooses_what_a_room_tells(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("noisy")
    alice.create_room(room)
    bob.join_room(room)
    bell = bob.page.get_by_test_id("bell")
    expect(bell).to_have_accessible_name("Notifications: Every message")
    bell.click()
    bob.page.get_by_role("menuitemradio", name="Nothing", exact=True).click()
    expect(bell).to_have_accessible_name("Notifications: Nothing")
    bob.open_room("general")
    alice.say_and_wait("nobody is called")
    expect(bob.room_link(room)).to_have_class("muted")
    expect(bob.room_link(room).locator(".count")).to_have_count(0)
    bob.open_room(room)
    bob.expect_heard("nobody is called")
    bell.click()
    expect(bob.page.get_by_role("menuitemradio", checked=True)).to_have_text("Nothing")


def test_many_who_come_are_one_line_that_opens_and_stays_open(fleet, new_window):
    window = new_window(fleet).log_in(fleet.add_user("alice"))
    room = fleet.new_room_name("crowd")
    window.create_room(room)
    names = [fleet.new_user_name("guest") for _ in range(5)]
    for name in names[:4]:
        join(fleet, fleet.add_user_named(name), window.room_id())
    line = window.page.locator(".event").filter(has_text="joined the room")
    expect(line).to_have_count(1)
    summary = line.locator("summary")
    expect(summary).to_contain_text(f"{names[0]}, {names[1]} and 2 others joined the room")
    expect(line.get_by_text(names[3])).to_be_hidden()
    summary.click()
    expect(line.get_by_text(f"{names[3]} joined the room")).to_be_visible()
    join(fleet, fleet.add_user_named(names[4]), window.room_id())
    expect(summary).to_contain_text("and 3 others")
    expect(line.get_by_text(f"{names[4]} joined the room")).to_be_visible()
    window.say_and_wait("welcome")
    window.add_people(fleet.add_user("late"))
    expect(window.page.locator(".event")).to_have_count(3)


def join(fleet, name, room):
    """Somebody joins without a window."""
    api = f"{fleet.url}api/v1/"
    login = requests.post(f"{api}sessions", json={"name": name, "password": PASSWORD, "token": True}).json()
    address = f"{api}rooms/{room}/members/{login['me']['id']}"
    answer = requests.put(address, headers={"Authorization": f"Bearer {login['token']}"})
    assert answer.status_code == 200, answer.text
