"""What was written is sent, whatever happens in between."""

from playwright.sync_api import expect

from window import Cable


def test_what_is_written_while_the_server_is_down_is_sent_when_it_is_back(new_fleet, new_window):
    fleet = new_fleet(instances=2)
    alice = new_window(fleet).log_in(fleet.add_user("alice"))
    bob = new_window(fleet).log_in(fleet.add_user("bob"))
    alice.open_room("general")
    bob.open_room("general")
    alice.say_and_wait("before")
    bob.expect_heard("before")

    fleet.stop()
    status = alice.page.get_by_test_id("status")
    expect(status).to_contain_text("Offline", timeout=20_000)
    alice.say("written offline 1")
    alice.say("written offline 2")
    expect(alice.message("written offline 1")).not_to_have_attribute("data-state", "stored")
    expect(status).to_contain_text("2 messages will be sent")

    fleet.start()
    alice.expect_sent("written offline 1")
    alice.expect_sent("written offline 2")
    expect(bob.message("written offline 2")).to_be_visible(timeout=30_000)
    expect(bob.message("written offline 1")).to_have_count(1)
    texts = bob.page.get_by_test_id("message").locator(".body").all_inner_texts()
    assert texts[-3:] == ["before", "written offline 1", "written offline 2"]


def test_the_outbox_survives_a_reload(fleet, new_window):
    alice = new_window(fleet)
    cable = Cable(alice.page)
    alice.log_in(fleet.add_user("alice"))
    alice.create_room(fleet.new_room_name("later"))
    alice.say_and_wait("connected")
    cable.cut()
    expect(alice.badge).to_have_attribute("data-health", "offline")
    alice.say("written without a connection")
    expect(alice.message("written without a connection")).to_have_attribute("data-state", "waiting")
    cable.mend()
    alice.reload()
    alice.expect_sent("written without a connection")
    alice.reload()
    alice.expect_heard("written without a connection")


def test_a_full_outbox_survives_a_reload_without_a_connection_and_keeps_its_order(fleet, new_window):
    alice = new_window(fleet)
    cable = Cable(alice.page)
    alice.log_in(fleet.add_user("alice"))
    alice.create_room(fleet.new_room_name("full"))
    alice.say_and_wait("connected")
    cable.cut()
    expect(alice.badge).to_have_attribute("data-health", "offline")
    texts = [f"written offline {number:02}" for number in range(20)]
    for text in texts:
        alice.say(text)
    expect(alice.page.get_by_test_id("status")).to_contain_text("20 messages will be sent")
    # The page itself comes from the server; only the socket is still cut.
    alice.page.reload()
    expect(alice.page.get_by_test_id("status")).to_contain_text("20 messages will be sent", timeout=20_000)
    cable.mend()
    alice.expect_sent(texts[-1])
    shown = alice.page.get_by_test_id("message").locator(".body").all_inner_texts()
    assert shown == ["connected", *texts]


def test_an_answer_written_offline_is_still_an_answer_when_it_arrives(fleet, new_window):
    alice = new_window(fleet)
    cable = Cable(alice.page)
    alice.log_in(fleet.add_user("alice"))
    alice.create_room(fleet.new_room_name("later"))
    alice.say_and_wait("the question")
    cable.cut()
    expect(alice.badge).to_have_attribute("data-health", "offline")
    alice.composer.press("Shift+ArrowUp")
    alice.say("the answer")
    expect(alice.message("the answer").get_by_test_id("quote")).to_contain_text("the question")
    cable.mend()
    alice.expect_sent("the answer")
    alice.reload()
    expect(alice.message("the answer").get_by_test_id("quote")).to_contain_text("the question")


def test_two_tabs_of_one_person_send_each_message_once(fleet, new_window):
    first = new_window(fleet).log_in(fleet.add_user("alice"))
    room = fleet.new_room_name("tabs")
    first.create_room(room)
    second = first.open_tab()
    second.open_room(room)
    second.say_and_wait("from the second tab")
    first.expect_heard("from the second tab")
    first.say_and_wait("from the first tab")
    second.expect_heard("from the first tab")
    # The first tab holds the lock; when it is gone, the second sends for itself.
    first.page.close()
    second.say_and_wait("now alone")
    assert second.errors == []


def test_a_refused_message_can_be_sent_again_or_deleted(fleet, new_window):
    alice = new_window(fleet).log_in(fleet.add_user("alice"))
    alice.create_room(fleet.new_room_name("gone"))
    alice.say_and_wait("a member")
    # A client id that is too long is what the server must refuse and this client never makes.
    room = alice.page.url.rsplit("/", 1)[1]
    alice.page.evaluate(
        """async (room) => {
            const database = await new Promise((resolve) => {
                const open = indexedDB.open('chat-outbox', 1);
                open.onsuccess = () => resolve(open.result);
            });
            const { me } = await (await fetch('/api/v1/me')).json();
            database.transaction('entries', 'readwrite').objectStore('entries').put({
                client_id: 'x'.repeat(65), author: me.id, room, body: 'not like this', created_at: Date.now(),
                state: 'waiting', attempts: 0, retry_at: 0, error: '',
            });
        }""",
        room,
    )
    alice.reload()
    row = alice.message("not like this")
    expect(row).to_have_attribute("data-state", "failed", timeout=20_000)
    row.get_by_role("button", name="Retry").click()
    expect(row).to_have_attribute("data-state", "failed", timeout=20_000)
    row.get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
    alice.reload()
    alice.expect_heard("a member")
    expect(row).to_have_count(0)
