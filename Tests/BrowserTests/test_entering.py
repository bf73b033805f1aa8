"""The pages before the chat."""

from playwright.sync_api import expect

from fleet import PASSWORD
from window import Cable


def test_the_setup_link_makes_the_first_admin_and_works_once(new_fleet, new_window):
    fleet = new_fleet(instances=1)
    link = fleet.setup_link()
    first = new_window(fleet)
    first.page.goto(link)
    form = first.page.get_by_test_id("setup")
    form.get_by_label("Name").fill("root.admin")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()
    first.wait_until_online()
    expect(first.room_link("general")).to_be_visible()
    assert "setup=" not in first.page.url

    second = new_window(fleet)
    second.page.goto(link)
    form = second.page.get_by_test_id("setup")
    form.get_by_label("Name").fill("intruder")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()
    expect(form.get_by_role("alert")).not_to_be_empty()


def test_without_people_the_log_in_page_says_how_to_make_the_first(new_fleet, new_window):
    window = new_window(new_fleet(instances=1)).open()
    expect(window.page.get_by_test_id("login")).to_contain_text("chatctl")


def test_a_wrong_password_gets_a_message_and_the_right_one_gets_in(fleet, new_window):
    name = fleet.add_user("alice")
    window = new_window(fleet).open()
    window.fill_log_in(name, "not the password")
    expect(window.page.get_by_test_id("login").get_by_role("alert")).to_be_visible()
    window.fill_log_in(name, PASSWORD)
    window.wait_until_online()
    expect(window.page.get_by_test_id("me")).to_contain_text(name)


def test_an_unknown_name_gets_the_same_message_as_a_wrong_password(fleet, new_window):
    name = fleet.add_user("alice")
    window = new_window(fleet).open()
    problem = window.page.get_by_test_id("login").get_by_role("alert")
    window.fill_log_in(name, "not the password")
    expect(problem).to_be_visible()
    wrong_password = problem.inner_text()
    window.fill_log_in("nobody-by-that-name", "not the password")
    expect(problem).to_have_text(wrong_password)


def test_logging_out_ends_the_session(fleet, new_window):
    window = new_window(fleet).log_in(fleet.add_user("alice"))
    window.log_out()
    window.page.reload()
    expect(window.page.get_by_test_id("login")).to_be_visible()


def test_a_session_that_ended_elsewhere_is_told_at_the_next_connection(fleet, new_window):
    window = new_window(fleet)
    cable = Cable(window.page)
    window.log_in(fleet.add_user("alice"))
    cable.cut()
    window.page.evaluate("fetch('/api/v1/sessions/current', { method: 'DELETE' })")
    cable.mend()
    expect(window.page.get_by_test_id("login")).to_contain_text("session has ended", timeout=20_000)
