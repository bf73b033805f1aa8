"""Windows of different people on different instances: the reason why the adapter exists."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def pair(fleet, new_window):
    """Two people whose windows hang on two instances."""
    alice_name, bob_name = fleet.add_user("alice"), fleet.add_user("bob")
    alice = new_window(fleet).log_in(alice_name)
    bob = new_window(fleet).log_in(bob_name).leave_instance(alice.instance)
    alice.name, bob.name = alice_name, bob_name
    return alice, bob


def test_the_badge_tells_instance_transport_and_adapter(pair):
    alice, bob = pair
    assert alice.instance != bob.instance
    expect(alice.badge).to_have_attribute("data-adapter", "redis")
    expect(alice.badge).to_have_attribute("data-transport", "websocket")
    alice.badge.click()
    panel = alice.page.get_by_test_id("connection-panel")
    expect(panel).to_contain_text(alice.instance)
    expect(panel).to_contain_text("The adapter is on")


def test_a_message_appears_in_the_window_on_the_other_instance(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("dev")
    alice.create_room(room, "Builds and what broke")
    bob.join_room(room)
    alice.say_and_wait("hello from the other side")
    bob.expect_heard("hello from the other side")
    bob.say_and_wait("I hear you")
    alice.expect_heard("I hear you")


def test_a_direct_message_arrives_there_and_nowhere_else(fleet, pair, new_window):
    alice, bob = pair
    carla = new_window(fleet).log_in(fleet.add_user("carla"))
    alice.open_direct(bob.name)
    alice.say_and_wait("only for you")
    expect(bob.direct_link(alice.name)).to_contain_text("1")
    bob.direct_link(alice.name).click()
    bob.expect_heard("only for you")
    bob.say_and_wait("got it")
    alice.expect_heard("got it")
    # Carla's window is provably live at this moment: a later public message is there, the direct one is not.
    carla.open_room("general")
    alice.open_room("general")
    marker = fleet.new_room_name("marker")
    alice.say_and_wait(marker)
    carla.expect_heard(marker)
    expect(carla.message("only for you")).to_have_count(0)
    expect(carla.page.get_by_test_id("directs").get_by_role("link")).to_have_count(0)


def test_opening_the_same_direct_room_from_both_sides_gives_one_room(pair):
    alice, bob = pair
    alice.open_direct(bob.name)
    bob.open_direct(alice.name)
    expect(bob.page).to_have_url(alice.page.url)


def test_an_unread_room_is_counted_and_reading_it_takes_the_count_away(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("news")
    alice.create_room(room)
    bob.join_room(room)
    bob.open_room("general")
    alice.say_and_wait("one")
    alice.say_and_wait("two")
    expect(bob.room_link(room)).to_contain_text("2")
    bob.page.bring_to_front()
    bob.open_room(room)
    bob.expect_heard("two")
    expect(bob.room_link(room).locator(".count")).to_have_count(0, timeout=10_000)


def test_a_member_who_joins_elsewhere_appears_in_the_member_list(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("team")
    alice.create_room(room)
    members = alice.page.get_by_test_id("member-list")
    expect(members.get_by_role("listitem")).to_have_count(1)
    bob.join_room(room)
    expect(members.get_by_role("listitem")).to_have_count(2)
    expect(members).to_contain_text(bob.name)


def test_a_room_that_is_left_disappears_and_can_be_joined_again(fleet, pair):
    alice, bob = pair
    room = fleet.new_room_name("club")
    alice.create_room(room)
    bob.join_room(room)
    bob.say_and_wait("short visit")
    bob.page.get_by_test_id("leave-room").click()
    expect(bob.room_link(room)).to_have_count(0)
    bob.join_room(room)
    bob.expect_heard("short visit")


def test_the_panel_moves_the_window_to_another_instance(pair):
    alice, _ = pair
    before = alice.instance
    alice.badge.click()
    alice.page.get_by_test_id("another-instance").click()
    expect(alice.badge).not_to_have_attribute("data-instance", before, timeout=20_000)
    expect(alice.badge).not_to_have_attribute("data-instance", "", timeout=20_000)


@pytest.mark.parametrize("choice, transport", [("polling", "polling"), ("upgrade", "websocket")])
def test_long_polling_carries_messages_and_upgrades(fleet, pair, new_window, choice, transport):
    alice, _ = pair
    poller = new_window(fleet).log_in(fleet.add_user("poll"), query=f"?transport={choice}")
    expect(poller.badge).to_have_attribute("data-transport", transport)
    poller.open_room("general")
    alice.open_room("general")
    marker = fleet.new_room_name(f"via {choice}")
    poller.say_and_wait(marker)
    alice.expect_heard(marker)
    alice.say_and_wait(f"answer to {marker}")
    poller.expect_heard(f"answer to {marker}")


def test_without_the_adapter_a_live_message_stays_on_its_instance(new_fleet, new_window):
    fleet = new_fleet(instances=2, adapter="none")
    alice = new_window(fleet).log_in(fleet.add_user("alice"))
    neighbour = new_window(fleet).log_in(fleet.add_user("near"))
    other = new_window(fleet).log_in(fleet.add_user("far")).leave_instance(alice.instance)
    for _ in range(20):
        if neighbour.instance == alice.instance:
            break
        neighbour.reload()
    assert neighbour.instance == alice.instance
    for window in (alice, neighbour, other):
        window.open_room("general")
    expect(alice.badge).to_have_attribute("data-adapter", "none")
    alice.say_and_wait("can you hear me?")
    neighbour.expect_heard("can you hear me?")
    # The neighbour has heard it; give the other instance ample time to show that it never tells.
    other.page.wait_for_timeout(1_500)
    expect(other.message("can you hear me?")).to_have_count(0)
    other.badge.click()
    expect(other.page.get_by_test_id("connection-panel")).to_contain_text("The adapter is off")
    other.page.keyboard.press("Escape")
    other.reload()
    other.expect_heard("can you hear me?")
