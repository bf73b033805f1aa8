"""The pages before the chat."""

from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from fleet import PASSWORD, PUBLIC, Fleet
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


@pytest.fixture(scope="module")
def open_fleet():
    """A chat that everybody may join."""
    fleet = Fleet(instances=1, settings={"SIGNUP": "open"}).start()
    fleet.add_user("first")
    yield fleet
    fleet.remove()


def test_the_forms_work_without_any_script(open_fleet, new_window):
    window = new_window(open_fleet, java_script_enabled=False).open()
    name = open_fleet.add_user("plain")
    window.fill_log_in(name, "not the password")
    # The address names the answer.
    expect(window.page.get_by_test_id("login").locator(":target")).to_contain_text("password is wrong")
    window.fill_log_in(name, PASSWORD)
    expect(window.page).to_have_url(open_fleet.url)
    assert window.me()["name"] == name


def test_signing_up_works_without_any_script(open_fleet, new_window):
    taken, name = open_fleet.add_user("taken"), open_fleet.new_user_name("new")
    window = new_window(open_fleet, java_script_enabled=False).open("signup/")
    form = window.page.get_by_test_id("join")
    for tried in (taken, name):
        form.get_by_label("Name", exact=True).fill(tried)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Create account").click()
        if tried == taken:
            expect(form.locator(":target")).to_contain_text("taken")
    expect(window.page).to_have_url(open_fleet.url)
    assert window.me()["display_name"] == name


def test_the_first_admin_can_be_made_without_any_script(new_fleet, new_window):
    fleet = new_fleet(instances=1)
    window = new_window(fleet, java_script_enabled=False).open("setup/")
    form = window.page.get_by_test_id("setup")
    form.get_by_label("Token").fill(fleet.setup_link().partition("#setup=")[2])
    form.get_by_label("Name").fill("root")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()
    expect(window.page).to_have_url(fleet.url)
    assert window.me()["role"] == "admin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
@pytest.mark.parametrize("page", ["login", "signup", "setup"])
def test_a_form_of_another_site_is_refused(open_fleet, new_window, page, origin):
    request = new_window(open_fleet).page.request
    answer = request.post(
        open_fleet.url + page, form={"name": "first", "password": PASSWORD, "token": ""}, headers={"origin": origin})
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_whoever_may_sign_up_is_told_so_at_the_log_in(fleet, open_fleet, new_window):
    window = new_window(open_fleet).open()
    window.page.get_by_role("link", name="Create an account").click()
    form = window.page.get_by_test_id("join")
    expect(form.get_by_label("Code of the invitation")).to_be_hidden()
    name = open_fleet.new_user_name("walk-in")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Create account").click()
    window.wait_until_online()
    invited_only = new_window(fleet)
    with invited_only.page.expect_response("**/api/v1/signup"):
        invited_only.open()
    expect(invited_only.page.get_by_role("link", name="Create an account")).to_be_hidden()


def test_logging_in_leads_to_the_room_that_was_asked_for(fleet, new_window):
    name = fleet.add_user("alice")
    window = new_window(fleet).log_in(name)
    room = fleet.new_room_name("deep")
    window.create_room(room)
    address = window.page.url
    window.log_out()
    window.page.goto(address)
    window.fill_log_in(name, PASSWORD)
    window.expect_title(f"#{room}")


def test_a_first_visit_has_nothing_to_complain_about(fleet, new_window):
    window = new_window(fleet)
    complaints = []
    window.page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    window.page.on("response", lambda answer: answer.status >= 400 and complaints.append(answer.url))
    window.log_in(fleet.add_user("alice"))
    window.page.wait_for_load_state("networkidle")
    assert complaints == []


def test_all_of_our_javascript_travels_in_less_than_60_kilobytes(fleet):
    sizes = {}
    for script in (PUBLIC / "js").rglob("*.js"):
        address = f"{fleet.url}js/{script.relative_to(PUBLIC / 'js')}"
        with urlopen(Request(address, headers={"accept-encoding": "gzip"})) as answer:
            assert answer.headers["content-encoding"] == "gzip", address
            sizes[address] = len(answer.read())
    assert len(sizes) > 10
    assert sum(sizes.values()) < 60_000, sizes
