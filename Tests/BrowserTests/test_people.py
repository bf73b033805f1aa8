"""Accounts, in the browser: invitations, profile, password, sessions, tokens."""

import pytest
from playwright.sync_api import expect

from fleet import PASSWORD


@pytest.fixture
def open_account():
    def open_section(window, section=None):
        window.page.get_by_test_id("open-account").click()
        if section:
            window.page.get_by_test_id(f"account-{section}").click()
        return window.page.get_by_test_id("account")

    return open_section


@pytest.fixture
def invitation(fleet, new_window, open_account):
    """A link that an admin made in the browser, for one person."""
    admin = new_window(fleet).log_in(fleet.add_user("root", role="admin"))
    account = open_account(admin, "invites")
    account.get_by_role("button", name="Create link").click()
    return account.get_by_test_id("secret").input_value()


def fill_join(window, name):
    form = window.page.get_by_test_id("join")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("Display name").fill("New Here")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()


def test_an_invitation_lets_one_person_in(fleet, new_window, invitation):
    window = new_window(fleet)
    window.page.goto(invitation)
    fill_join(window, fleet.new_user_name("guest"))
    window.wait_until_online()
    expect(window.page.get_by_test_id("me")).to_contain_text("New Here")
    assert "invite=" not in window.page.url
    late = new_window(fleet)
    late.page.goto(invitation)
    expect(late.page.get_by_test_id("login")).to_contain_text("not valid any more")


def test_a_name_that_is_taken_is_refused_at_its_field(fleet, new_window, invitation):
    taken = fleet.add_user("taken")
    window = new_window(fleet)
    window.page.goto(invitation)
    fill_join(window, taken)
    form = window.page.get_by_test_id("join")
    expect(form.get_by_role("alert")).to_be_visible()
    expect(form.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_new_display_name_is_seen_by_others_at_once(fleet, new_window, open_account):
    name = fleet.add_user("alice")
    alice = new_window(fleet).log_in(name)
    bob = new_window(fleet).log_in(fleet.add_user("bob"))
    for window in (alice, bob):
        window.open_room("general")
    marker = fleet.new_room_name("marker")
    alice.say_and_wait(marker)
    bob.expect_heard(marker)
    account = open_account(alice)
    account.get_by_label("Display name").fill("Alice in Chains")
    account.get_by_role("button", name="Save").click()
    expect(bob.message(marker)).to_contain_text("Alice in Chains")
    expect(bob.member("Alice in Chains")).to_have_count(1)


def test_a_changed_password_ends_the_other_sessions(fleet, new_window, open_account):
    name = fleet.add_user("alice")
    here, there = new_window(fleet).log_in(name), new_window(fleet).log_in(name)
    account = open_account(here)
    account.get_by_label("Current password").fill(PASSWORD)
    account.get_by_label("New password").fill("an even better one")
    account.get_by_role("button", name="Change password").click()
    expect(there.page.get_by_test_id("login")).to_contain_text("session has ended", timeout=20_000)
    there.fill_log_in(name, "an even better one")
    there.wait_until_online()
    here.reload()


def test_a_session_is_ended_from_another_one(fleet, new_window, open_account):
    name = fleet.add_user("alice")
    here, there = new_window(fleet).log_in(name), new_window(fleet).log_in(name)
    account = open_account(here, "devices")
    expect(account.get_by_text("This one")).to_have_count(1)
    account.get_by_role("button", name="End Chrome").click()
    expect(there.page.get_by_test_id("login")).to_contain_text("session has ended", timeout=20_000)
    expect(account.get_by_role("button", name="End Chrome")).to_have_count(0)


def test_a_token_is_shown_once_and_can_be_revoked(fleet, new_window, open_account):
    alice = new_window(fleet).log_in(fleet.add_user("alice"))
    account = open_account(alice, "tokens")
    account.get_by_label("Name").fill("backup")
    account.get_by_role("button", name="Create token").click()
    secret = account.get_by_test_id("secret").input_value()
    answer = alice.page.request.get(f"{alice.url}api/v1/rooms", headers={"authorization": f"Bearer {secret}"})
    assert answer.ok
    account.get_by_role("button", name="Revoke backup").click()
    expect(account.get_by_role("button", name="Revoke backup")).to_have_count(0)
    expect(account.get_by_test_id("secret")).to_have_count(0)
