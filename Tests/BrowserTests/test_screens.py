"""The main screens in three widths, light and dark. They are for looking at; the tests only see that nothing overflows."""

import pytest
from playwright.sync_api import expect

from fleet import Fleet
from pictures import png
from window import Window

SIZES = [(1280, 800), (768, 1024), (360, 740)]
PEOPLE = {"ada": "Ada Lovelace", "ben": "Ben Okafor", "cleo": "Cleo Martín"}
SCHEMES = ["light", "dark"]
PICTURES = {
    "the harbour at six.png": png(1600, 1000), "stairs.png": png(300, 900, (200, 90, 60)), "shore.png": png(1500, 320, (40, 160, 90)),
}
CONVERSATION = [
    ("ada", "Morning! The new adapter is on **all three** instances now."),
    ("ada", "Traces are in `logs/i-2.log`, the dashboard is https://status.example.org/fleet"),
    ("ben", "Nice. I killed `i-3` twice and lost nothing:\n\n```swift\n"
            "guard changes.from == have else {\n    return .ask(since: have)  // a gap is fetched, never skipped\n}\n```"),
    ("ben", "> reconnect storm?\n\nNo, the jitter spread them over *ten* seconds."),
    ("ada", "Then we ship it, @cleo has the keys:\n1. tag the release\n2. drain one by one\n3. cake"),
    ("ben", "🎂🎉"),
]


@pytest.fixture(scope="module")
def scene():
    """A fleet of its own, so that the pictures do not show what other tests left behind."""
    scene = Fleet(instances=3).start()
    for name, display in PEOPLE.items():
        scene.add_user_named(name, display=display)
    yield scene
    scene.remove()


@pytest.fixture(scope="module")
def conversation(scene, browser):
    """A room with something in it, written by two people on two instances."""
    contexts = {name: browser.new_context(locale="en-GB") for name in ("ada", "ben")}
    windows = {name: Window(context, scene.url).log_in(name) for name, context in contexts.items()}
    room = "release"
    windows["ada"].create_room("ideas", "What we could do next")
    windows["ada"].create_room(room, "Getting the next version out")
    windows["ben"].join_room(room)
    for name, text in CONVERSATION:
        windows[name].say(text)
        expect(windows[name].page.locator(".message").last).to_have_attribute("data-state", "stored")
    windows["ben"].act("Then we ship it", "React with 🎉")
    windows["ada"].reaction("Then we ship it").click()
    windows["ada"].act("twice and lost nothing", "React with 👍")
    expect(windows["ben"].reaction("twice and lost nothing")).to_be_visible()
    windows["ben"].open_direct("Ada Lovelace")
    windows["ben"].say_and_wait("Lunch at 12?")
    windows["ben"].open_direct("Cleo Martín")
    windows["ben"].say_and_wait("Welcome, Cleo!")
    for context in contexts.values():
        context.close()
    return room


def expect_no_overflow(window):
    page_width, view_width = window.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert page_width <= view_width


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width, height", SIZES)
def test_the_screens_fit(scene, conversation, new_window, screenshots, width, height, scheme):
    phone = width < 720
    window = new_window(scene, viewport={"width": width, "height": height}, color_scheme=scheme,
                        device_scale_factor=2 if phone else 1, has_touch=phone, is_mobile=phone)

    def shoot(screen):
        expect_no_overflow(window)
        window.page.screenshot(path=screenshots / f"{screen}-{width}-{scheme}.png")

    window.open("signup/")
    shoot("sign-up")
    window.open()
    expect(window.page.get_by_test_id("login")).to_be_visible()
    shoot("log-in")
    window.log_in("cleo")
    if phone:
        shoot("rooms")
    window.page.get_by_test_id("browse-rooms").click()
    expect(window.page.get_by_test_id("option").filter(has_text=conversation)).to_be_visible()
    shoot("browse")
    window.page.get_by_test_id("option").filter(has_text=conversation).click()
    window.expect_title(f"#{conversation}")
    expect(window.page.get_by_text("lost nothing")).to_be_attached()
    window.page.mouse.move(5, 5)
    window.page.wait_for_timeout(300)
    shoot("room")
    if phone:
        window.page.get_by_test_id("message").filter(has_text="Then we ship").tap()
        expect(window.page.get_by_test_id("tools")).to_be_visible()
        shoot("actions")
        window.page.get_by_test_id("toggle-members").click()
        expect(window.page.get_by_test_id("member-list")).to_be_visible()
        shoot("members")
        return
    window.badge.click()
    shoot("connection")
    window.page.keyboard.press("Escape")
    window.page.get_by_test_id("toggle-search").click()
    window.page.get_by_test_id("search-field").fill("ship")
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_test_id("results").get_by_role("status")).to_be_visible()
    shoot("search")
    window.page.get_by_test_id("open-account").click()
    expect(window.page.get_by_test_id("account")).to_be_visible()
    shoot("account")
    window.page.get_by_test_id("account-settings").click()
    expect(window.page.get_by_label("Colours")).to_be_visible()
    shoot("settings")
    window.page.keyboard.press("Escape")
    window.page.keyboard.press("Control+k")
    expect(window.page.get_by_test_id("option").first).to_be_visible()
    shoot("switcher")
    window.page.keyboard.press("Escape")
    window.page.get_by_test_id("panel").get_by_role("button", name="Close").click()
    window.page.mouse.move(5, 5)
    if window.room_link("ideas").count():
        window.open_room("ideas")
    else:
        window.join_room("ideas")
    expect(window.page.get_by_text("No messages yet")).to_be_visible()
    shoot("empty")
    # The window is closed before the message can go, so the room stays empty for the next one.
    window.page.context.set_offline(True)
    window.say("Written on the train")
    expect(window.page.get_by_role("status").filter(has_text="1 message will be sent")).to_be_visible()
    shoot("offline")


def choose(window, pictures):
    window.page.get_by_test_id("image-files").set_input_files(
        [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in pictures.items()]
    )
    expect(window.page.get_by_test_id("tray").get_by_role("listitem")).to_have_count(len(pictures))


@pytest.fixture(scope="module")
def pictures(scene, browser):
    """A room with images in it, and an answer to them."""
    contexts = {name: browser.new_context(locale="en-GB") for name in ("ada", "ben")}
    windows = {name: Window(context, scene.url).log_in(name) for name, context in contexts.items()}
    windows["ada"].create_room("weekend")
    windows["ben"].join_room("weekend")
    choose(windows["ada"], PICTURES)
    windows["ada"].say("Three from the *weekend*:")
    windows["ada"].expect_sent("Three from the")
    choose(windows["ada"], {"violet.png": png(640, 400, (90, 60, 160))})
    windows["ada"].composer.press("Enter")
    expect(windows["ada"].page.locator(".message").last).to_have_attribute("data-state", "stored")
    expect(windows["ben"].page.get_by_test_id("image")).to_have_count(4)
    windows["ben"].composer.press("Shift+ArrowUp")
    windows["ben"].say("Where is that?")
    windows["ben"].expect_sent("Where is that?")
    for context in contexts.values():
        context.close()
    return "weekend"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width, height", SIZES)
def test_images_fit(scene, pictures, new_window, screenshots, width, height, scheme):
    phone = width < 720
    window = new_window(scene, viewport={"width": width, "height": height}, color_scheme=scheme,
                        device_scale_factor=2 if phone else 1, has_touch=phone, is_mobile=phone)
    window.log_in("ben")
    window.room_link(pictures).click()
    expect(window.page.get_by_test_id("image")).to_have_count(4)
    window.page.get_by_test_id("image").last.scroll_into_view_if_needed()
    choose(window, dict(list(PICTURES.items())[:2]))
    window.page.mouse.move(5, 5)
    window.page.wait_for_load_state("networkidle")
    expect_no_overflow(window)
    window.page.screenshot(path=screenshots / f"images-{width}-{scheme}.png")
    if phone:
        for target in ("add-images", "tray"):
            button = window.page.get_by_test_id(target)
            box = (button if target == "add-images" else button.get_by_role("button").first).bounding_box()
            assert min(box["width"], box["height"]) >= 44
    window.page.get_by_test_id("image").last.click()
    expect(window.page.get_by_test_id("large-image")).to_be_visible()
    expect_no_overflow(window)
    window.page.screenshot(path=screenshots / f"image-{width}-{scheme}.png")


def test_the_first_run_page_fits(new_fleet, new_window, screenshots):
    fleet = new_fleet(instances=1)
    window = new_window(fleet)
    window.page.goto(fleet.setup_link())
    expect(window.page.get_by_test_id("setup")).to_be_visible()
    window.page.screenshot(path=screenshots / "first-run-1280-light.png")
