"""Images in messages: choosing, sending, and looking at them."""

import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


from pictures import SVG, png
from window import Cable



def file(name="cat.png", content=None, kind="image/png"):
    return {"name": name, "mimeType": kind, "buffer": png(300, 200) if content is None else content}


def choose(window, *files):
    window.page.get_by_test_id("image-files").set_input_files(list(files))


def tray(window):
    return window.page.get_by_test_id("tray").get_by_role("listitem")


def choose_and_wait(window, *files):
    before = tray(window).count()
    choose(window, *files)
    expect(tray(window)).to_have_count(before + len(files))


def images(window):
    return window.page.get_by_test_id("image")


def last(window):
    return window.page.get_by_test_id("message").last


def expect_loaded(image):
    expect(image.locator("img")).to_have_js_property("complete", True)
    assert image.locator("img").evaluate("one => one.naturalWidth") > 0


def throw(window, event, files, target="composer-text"):
    """Drops or pastes files, as the browser does it."""
    window.page.get_by_test_id(target).evaluate(
        """async (element, [name, files]) => {
            const data = new DataTransfer();
            for (const { name, mimeType, bytes } of files) {
                data.items.add(new File([Uint8Array.from(bytes)], name, { type: mimeType }));
            }
            const options = { bubbles: true, cancelable: true };
            if (name === 'paste') {
                element.dispatchEvent(new ClipboardEvent(name, { ...options, clipboardData: data }));
            } else {
                element.dispatchEvent(new DragEvent(name, { ...options, dataTransfer: data }));
            }
        }""",
        [event, [{"name": one["name"], "mimeType": one["mimeType"], "bytes": list(one["buffer"])} for one in files]],
    )


@pytest.fixture
def alice(fleet, new_window):
    window = new_window(fleet)
    window.cable = Cable(window.page)
    window.log_in(fleet.add_user("alice"))
    window.room = fleet.new_room_name("pictures")
    window.create_room(window.room)
    return window


@pytest.fixture
def bob(fleet, new_window, alice):
    """In the same room, on another instance."""
    window = new_window(fleet).log_in(fleet.add_user("bob")).leave_instance(alice.instance)
    window.join_room(alice.room)
    return window


def test_images_that_are_picked_reach_the_others_with_the_text(alice, bob):
    choose_and_wait(alice, file(), file("a dog.png", png(90, 200)))
    alice.say("look at *them*")
    alice.expect_sent("look at")
    expect(tray(alice)).to_have_count(0)
    bob.expect_heard("look at")
    expect(images(bob)).to_have_count(2)
    expect(images(bob).nth(1)).to_have_accessible_name("Image a dog.png")
    expect(images(bob).nth(1).get_by_alt_text("a dog.png")).to_be_visible()
    for image in images(bob).all():
        expect_loaded(image)
    bob.reload()
    expect(images(bob)).to_have_count(2)
    expect_loaded(images(bob).first)


def test_an_image_needs_no_text_and_a_screen_reader_hears_it(alice, bob):
    expect(alice.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    choose_and_wait(alice, file())
    alice.page.get_by_role("button", name="Send", exact=True).click()
    expect(last(alice)).to_have_attribute("data-state", "stored")
    expect(alice.composer).to_be_focused()
    expect(last(bob)).to_have_accessible_name(re.compile(r"^alice\d* Image cat.png \d\d:\d\d$"))


def test_a_pasted_image_is_chosen_and_pasted_text_stays_text(alice):
    throw(alice, "paste", [file("image.png")])
    expect(tray(alice)).to_have_count(1)
    alice.composer.evaluate(
        """(element, bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([Uint8Array.from(bytes)], 'cells.png', { type: 'image/png' }));
            data.setData('text/plain', 'cells');
            element.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }));
        }""",
        list(png(9, 9)),
    )
    choose_and_wait(alice, file("last.png"))
    expect(tray(alice)).to_have_count(2)


def test_files_are_dropped_anywhere_and_the_room_says_so(alice):
    room = alice.page.get_by_test_id("room")
    throw(alice, "dragover", [file()], target="side")
    expect(room).to_have_attribute("data-drop", "")
    throw(alice, "dragleave", [file()], target="side")
    expect(room).not_to_have_attribute("data-drop", "")
    throw(alice, "dragover", [file()], target="log")
    throw(alice, "drop", [file(), file("b.png")], target="log")
    expect(tray(alice)).to_have_count(2)
    expect(room).not_to_have_attribute("data-drop", "")


def test_a_chosen_image_is_removed_by_keyboard_and_the_focus_stays_near(alice):
    choose_and_wait(alice, file("a.png"), file("b.png"), file("c.png"))
    remove = alice.page.get_by_test_id("tray").get_by_role("button")
    remove.nth(1).focus()
    alice.page.keyboard.press("Enter")
    expect(tray(alice)).to_have_count(2)
    expect(alice.page.get_by_role("button", name="Remove c.png")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_role("button", name="Remove a.png")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.composer).to_be_focused()
    expect(alice.page.get_by_role("button", name="Send", exact=True)).to_be_disabled()


@pytest.mark.parametrize("one, sentence", [
    (file("evil.svg", SVG, "image/svg+xml"), "evil.svg is not a PNG, JPEG, GIF or WebP image."),
    (file("notes.pdf", b"%PDF-1.7", "application/pdf"), "notes.pdf is not a PNG, JPEG, GIF or WebP image."),
    (file("evil.png", SVG), "evil.png cannot be read as an image."),
    (file("film.gif", b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;" + b"\0" * 6_000_000, "image/gif"),
     "film.gif is larger than 5.2 MB."),
], ids=["svg", "pdf", "svg-as-png", "large-gif"])
def test_what_cannot_be_sent_is_refused_with_a_sentence(alice, one, sentence):
    choose(alice, one, file("good.png"))
    expect(alice.page.get_by_test_id("toast")).to_have_text(sentence)
    expect(tray(alice)).to_have_count(1)


def test_a_message_takes_ten_images(alice):
    choose(alice, *[file(f"{number}.png", png(9, 9)) for number in range(12)])
    expect(alice.page.get_by_test_id("toast")).to_have_text("A message takes 10 images.")
    expect(tray(alice)).to_have_count(10)
    alice.composer.press("Enter")
    expect(last(alice).get_by_test_id("image")).to_have_count(10)
    expect(last(alice)).to_have_attribute("data-state", "stored", timeout=20_000)


def shown(window):
    """The image of the last message as the server has it."""
    seq = last(window).get_attribute("data-seq")
    answer = window.page.request.get(f"{window.url}api/v1/rooms/{window.room_id()}/messages/{seq}")
    return answer.json()["message"]["attachments"][0]


def test_an_image_that_is_too_large_is_made_smaller(alice):
    choose_and_wait(alice, file("wall.png", png(4000, 1000)))
    alice.composer.press("Enter")
    expect(last(alice)).to_have_attribute("data-state", "stored", timeout=20_000)
    image = shown(alice)
    assert (image["width"], image["height"]) == (2560, 640)
    choose_and_wait(alice, file("noise.png", png(1400, 1400, noise=os.urandom(1400 * 1400 * 3))))
    alice.say("noise")
    alice.expect_sent("noise")
    image = shown(alice)
    assert image["bytes"] < 5 * 1024 * 1024 and image["width"] <= 1400


def test_a_photo_does_not_tell_where_it_was_taken(alice):
    bytes_of = """async () => {
        const canvas = new OffscreenCanvas(60, 40);
        canvas.getContext('2d').fillRect(0, 0, 30, 20);
        const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
        return [...new Uint8Array(await blob.arrayBuffer())];
    }"""
    photo = bytes(alice.page.evaluate(bytes_of))
    # As a camera held on its side writes it: orientation 6, and a place.
    note = (b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0" + b"GPS 52.5163 N 13.3777 E")
    segment = b"\xff\xe1" + (len(note) + 2).to_bytes(2, "big") + note
    choose_and_wait(alice, file("photo.jpg", photo[:2] + segment + photo[2:], "image/jpeg"))
    alice.composer.press("Enter")
    expect(last(alice)).to_have_attribute("data-state", "stored")
    image = shown(alice)
    stored = alice.page.request.get(f"{alice.url}api/v1/attachments/{image['id']}").body()
    assert b"GPS" not in stored and b"Exif" not in stored
    assert (image["media_type"], image["width"], image["height"]) == ("image/jpeg", 40, 60)


def test_the_picture_is_there_at_once_and_its_progress_shows(alice):
    held = []
    alice.page.route("**/attachments?**", lambda route: held.append(route))
    choose_and_wait(alice, file())
    alice.say("slow")
    message = alice.message("slow")
    expect(message).to_have_attribute("data-state", "sending")
    expect_loaded(message.get_by_test_id("image"))
    assert message.locator("img").get_attribute("src").startswith("blob:")
    expect(message.get_by_test_id("progress")).to_have_accessible_name("Uploading")
    element = message.get_by_test_id("image").element_handle()
    held[0].continue_()
    alice.expect_sent("slow")
    expect(message.get_by_test_id("progress")).to_have_count(0)
    assert element.evaluate("one => one.isConnected"), "the picture was drawn anew"


def test_images_chosen_offline_are_sent_when_the_connection_is_back(alice, bob):
    alice.page.context.set_offline(True)
    expect(alice.badge).to_have_attribute("data-health", "offline")
    choose_and_wait(alice, file())
    alice.say("from the tunnel")
    alice.say("and on")
    expect(alice.message("from the tunnel")).not_to_have_attribute("data-state", "stored")
    expect_loaded(alice.message("from the tunnel").get_by_test_id("image"))
    alice.page.context.set_offline(False)
    alice.expect_sent("and on")
    bob.expect_heard("and on")
    expect_loaded(bob.message("from the tunnel").get_by_test_id("image"))
    texts = bob.page.get_by_test_id("message").locator(".body").all_inner_texts()
    assert texts == ["from the tunnel", "and on"]


def test_an_upload_survives_a_reload_and_lands_once(alice, bob):
    held = []
    alice.page.route("**/attachments?**", lambda route: held.append(route))
    choose_and_wait(alice, file(), file("b.png"))
    alice.say("interrupted")
    expect(alice.message("interrupted")).to_have_attribute("data-state", "sending")
    alice.page.unroute("**/attachments?**")
    alice.reload()
    alice.expect_sent("interrupted")
    bob.expect_heard("interrupted")
    expect(bob.message("interrupted").get_by_test_id("image")).to_have_count(2)


def test_an_upload_whose_answer_is_lost_is_made_again_and_is_the_same(alice, bob):
    uploads = []

    def lose(route):
        uploads.append(route.request.headers["idempotency-key"])
        if len(uploads) > 1:
            return route.continue_()
        route.fetch()
        return route.abort()

    alice.page.route("**/attachments?**", lose)
    choose_and_wait(alice, file())
    alice.say("twice")
    alice.expect_sent("twice")
    assert len(uploads) == 2 and len(set(uploads)) == 1
    expect(bob.message("twice").get_by_test_id("image")).to_have_count(1)


def test_two_tabs_upload_once(alice, bob):
    second = alice.open_tab()
    second.open_room(alice.room)
    uploads = []
    for tab in (alice, second):
        tab.page.on("request", lambda asked: asked.method == "POST" and "/attachments" in asked.url and uploads.append(asked))
    choose_and_wait(second, file())
    second.say("one of two")
    second.expect_sent("one of two")
    alice.expect_sent("one of two")
    bob.expect_heard("one of two")
    assert len(uploads) == 1
    assert second.errors == []


def test_what_is_chosen_survives_a_reload_and_stays_in_its_room(fleet, alice):
    choose_and_wait(alice, file("kept.png"))
    alice.composer.fill("half a thought")
    other = fleet.new_room_name("other")
    alice.create_room(other)
    expect(tray(alice)).to_have_count(0)
    alice.open_room(alice.room)
    expect(tray(alice)).to_have_count(1)
    alice.reload()
    expect(tray(alice).get_by_alt_text("kept.png")).to_be_visible()
    expect(alice.composer).to_have_value("half a thought")
    alice.composer.press("Enter")
    alice.expect_sent("half a thought")
    alice.reload()
    alice.expect_heard("half a thought")
    expect(tray(alice)).to_have_count(0)


def test_images_that_the_server_has_forgotten_are_uploaded_again(fleet, alice):
    """They were uploaded, and then the page was closed for a night."""
    alice.page.route("**/socket.io/**", lambda route: route.continue_())
    choose_and_wait(alice, file())
    alice.page.evaluate(
        """async (room) => {
            const open = (name) => new Promise((resolve) => {
                const request = indexedDB.open(name, 1);
                request.onsuccess = () => resolve(request.result);
            });
            const drafts = (await open('chat-drafts')).transaction('entries').objectStore('entries').getAll();
            await new Promise((resolve) => { drafts.onsuccess = resolve; });
            const { me } = await (await fetch('/api/v1/me')).json();
            const [image] = drafts.result[0].images;
            const entries = (await open('chat-outbox')).transaction('entries', 'readwrite').objectStore('entries');
            const stored = entries.put({
                client_id: 'overnight', author: me.id, room, body: 'overnight', created_at: Date.now(), state: 'waiting',
                attachments: [{ ...image, id: crypto.randomUUID() }], attempts: 0, retry_at: 0, error: '',
            });
            await new Promise((resolve) => { stored.onsuccess = resolve; });
        }""",
        alice.room_id(),
    )
    alice.reload()
    alice.expect_sent("overnight")
    expect(alice.message("overnight").get_by_test_id("image")).to_have_count(1)


def test_a_large_view_opens_and_closes_by_keyboard(alice, bob):
    choose_and_wait(alice, file("view.png", png(1600, 1200)))
    alice.say("a view")
    alice.expect_sent("a view")
    image = bob.message("a view").get_by_test_id("image")
    image.focus()
    bob.page.keyboard.press("Enter")
    large = bob.page.get_by_role("dialog", name="view.png").get_by_test_id("large-image")
    expect(large).to_be_visible()
    expect_loaded(bob.page.get_by_role("dialog"))
    box = large.bounding_box()
    assert box["width"] > 700 and box["y"] + box["height"] < 800
    expect(bob.page.get_by_role("link", name="Download")).to_have_attribute("download", "view.png")
    bob.page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(image).to_be_focused()


def test_nothing_moves_when_an_image_comes(alice, bob):
    held = []
    bob.page.route("**/api/v1/attachments/*", lambda route: held.append(route))
    choose_and_wait(alice, file("large.png", png(800, 600)))
    alice.say("with a picture")
    alice.say_and_wait("below it")
    bob.expect_heard("below it")
    image = bob.message("with a picture").get_by_test_id("image")
    before = [image.bounding_box(), bob.message("below it").bounding_box()]
    assert (before[0]["width"], before[0]["height"]) == (400, 300)
    held[0].continue_()
    expect_loaded(image)
    assert [image.bounding_box(), bob.message("below it").bounding_box()] == before


def test_an_image_that_cannot_be_loaded_says_so_in_its_place(alice, bob):
    bob.page.route("**/api/v1/attachments/*", lambda route: route.abort(), times=1)
    choose_and_wait(alice, file("gone.png"))
    alice.say("a hole")
    alice.expect_sent("a hole")
    image = bob.message("a hole").get_by_test_id("image")
    expect(image).to_contain_text("gone.png cannot be loaded")
    assert image.bounding_box()["width"] == 300
    image.click()
    expect_loaded(image)


def test_where_no_picture_can_stand_it_is_called_so(alice, bob):
    choose_and_wait(alice, file())
    alice.composer.press("Enter")
    expect(images(bob)).to_have_count(1)
    last(bob).hover()
    bob.page.get_by_test_id("tools").get_by_role("button", name="Reply", exact=True).click()
    expect(bob.page.get_by_test_id("composer-banner")).to_contain_text("Image")
    bob.say("lovely")
    bob.expect_sent("lovely")
    expect(alice.message("lovely").get_by_test_id("quote")).to_contain_text("Image")
    alice.page.get_by_test_id("quote").click()
    alice.reload()
    expect(alice.message("lovely").get_by_test_id("quote")).to_contain_text("Image")
    alice.page.keyboard.press("Control+Shift+F")
    alice.page.get_by_test_id("search-field").fill(f"in:{alice.room}")
    alice.page.keyboard.press("Enter")
    result = alice.page.get_by_test_id("result")
    expect(result).to_have_count(2)
    expect(result.nth(1).get_by_test_id("image")).to_be_visible()
    expect(result.nth(1).get_by_role("button", name=re.compile("Open in .*: Image"))).to_be_visible()


def test_a_message_with_images_is_edited_without_them_and_deleted_with_them(alice, bob):
    choose_and_wait(alice, file())
    alice.say("a title")
    alice.expect_sent("a title")
    expect(images(bob)).to_have_count(1)
    alice.act("a title", "Edit")
    expect(alice.page.get_by_test_id("add-images")).to_be_hidden()
    throw(alice, "paste", [file("late.png")])
    expect(alice.page.get_by_test_id("toast")).to_have_text("Images go with a new message.")
    alice.composer.fill("")
    alice.composer.press("Enter")
    expect(last(bob).locator(".body")).to_have_text("(edited)")
    expect(images(bob)).to_have_count(1)
    last(alice).hover()
    alice.page.get_by_test_id("tools").get_by_role("button", name="More", exact=True).click()
    expect(alice.page.get_by_role("menuitem", name="Copy text")).to_have_count(0)
    alice.page.get_by_role("menuitem", name="Delete…").click()
    expect(alice.page.get_by_role("dialog")).to_contain_text("Image")
    alice.page.get_by_role("button", name="Delete", exact=True).click()
    expect(last(bob)).to_contain_text("Message deleted by")
    expect(images(bob)).to_have_count(0)
    expect(images(alice)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_images_pass_the_rules_of_axe_and_fit_320_pixels(fleet, new_window, scheme):
    window = new_window(fleet, viewport={"width": 320, "height": 568}, color_scheme=scheme, reduced_motion="reduce")
    window.log_in(fleet.add_user("axe"))
    window.create_room(fleet.new_room_name("axe"))

    def expect_good(what):
        results = Axe().run(window.page)
        assert results.violations_count == 0, f"{what}:\n{results.generate_report()}"
        assert window.page.evaluate("document.documentElement.scrollWidth") <= 320

    choose_and_wait(window, file("wide.png", png(900, 200)), file("b.png"))
    window.composer.press("Enter")
    expect(last(window)).to_have_attribute("data-state", "stored")
    choose_and_wait(window, *[file(f"{number}.png") for number in range(7)])
    expect(window.composer).to_be_in_viewport()
    expect_good("images in a message and chosen ones")
    images(window).first.click()
    expect(window.page.get_by_test_id("large-image")).to_be_visible()
    expect_good("a large image")


def test_a_chat_without_images_offers_none(new_fleet, new_window):
    fleet = new_fleet(instances=1, settings={"ATTACHMENT_BYTES_MAX": "0"})
    alice = new_window(fleet).log_in(fleet.add_user("alice"))
    alice.open_room("general")
    expect(alice.page.get_by_test_id("add-images")).to_be_hidden()
    throw(alice, "drop", [file()], target="log")
    alice.say_and_wait("no pictures here")
    expect(tray(alice)).to_have_count(0)
