"""One browser window of one person, with the words of the tests."""

from playwright.sync_api import expect

from fleet import PASSWORD

TRIES_FOR_ANOTHER_INSTANCE = 20


class Window:
    def __init__(self, context, url):
        self.page = context.new_page()
        self.url = url
        self.errors = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message):
        # A refused style or script shows here only.
        if "Content Security Policy" in message.text:
            self.errors.append(message.text)

    # Getting in

    def open(self, query=""):
        self.page.goto(self.url + query)
        return self

    def open_tab(self):
        """Another tab of the same browser."""
        tab = Window(self.page.context, self.url).open()
        tab.wait_until_online()
        return tab

    def fill_log_in(self, name, password):
        form = self.page.get_by_test_id("login")
        form.get_by_label("Name").fill(name)
        form.get_by_label("Password").fill(password)
        form.get_by_role("button", name="Log in").click()

    def log_in(self, name, query=""):
        self.open(query)
        self.fill_log_in(name, PASSWORD)
        self.wait_until_online()
        return self

    def me(self):
        """Whom the server takes this browser for, without any script."""
        return self.page.request.get(self.url + "api/v1/me").json()["me"]

    def reload(self):
        self.page.reload()
        self.wait_until_online()

    def wait_until_online(self):
        expect(self.badge).not_to_have_attribute("data-instance", "", timeout=20_000)
        expect(self.page.get_by_test_id("rooms").get_by_role("link").first).to_be_visible()

    # Where it is

    @property
    def badge(self):
        return self.page.get_by_test_id("badge")

    @property
    def instance(self):
        return self.badge.get_attribute("data-instance")

    def leave_instance(self, *instances):
        """Reconnects until this window is on another instance."""
        for _ in range(TRIES_FOR_ANOTHER_INSTANCE):
            if self.instance not in instances:
                return self
            self.reload()
        raise AssertionError(f"always on one of {instances}: is there another instance?")

    # Rooms

    def room_link(self, name):
        return self.page.get_by_test_id("rooms").get_by_role("link").filter(has_text=name)

    def direct_link(self, name):
        return self.page.get_by_test_id("directs").get_by_role("link").filter(has_text=name)

    def open_room(self, name):
        self.room_link(name).click()
        self.expect_title(f"#{name}")

    def create_room(self, name, topic="", private=False):
        self.page.get_by_test_id("create-room").click()
        form = self.page.get_by_test_id("new-room")
        form.get_by_label("Name").fill(name)
        form.get_by_label("Topic").fill(topic)
        form.get_by_label("Private").set_checked(private)
        form.get_by_role("button", name="Create room").click()
        self.expect_title(f"#{name}")

    def join_room(self, name):
        self.page.get_by_test_id("browse-rooms").click()
        self.page.get_by_test_id("picker-field").fill(name)
        option = self.page.get_by_test_id("option").filter(has_text=name).first
        expect(option).to_contain_text("Join")
        option.click()
        self.expect_title(f"#{name}")

    def pick_people(self, *names):
        for name in names:
            self.page.get_by_test_id("picker-field").fill(name)
            self.page.get_by_test_id("option").filter(has_text=name).first.click()
        self.page.get_by_test_id("picker-done").click()

    def add_people(self, *names):
        self.page.get_by_test_id("invite").click()
        self.pick_people(*names)

    def member(self, name):
        return self.page.get_by_test_id("member-list").get_by_role("button").filter(has_text=name)

    def open_direct(self, *names):
        self.page.get_by_test_id("new-direct").click()
        self.pick_people(*names)
        # The composer of the room before is visible too, so only the title tells that the conversation is open.
        self.expect_title(", ".join(names))
        expect(self.page.get_by_test_id("composer-text")).to_be_visible()

    def log_out(self):
        self.page.get_by_test_id("open-account").click()
        self.page.get_by_test_id("log-out").click()
        expect(self.page.get_by_test_id("login")).to_be_visible()

    def expect_title(self, title):
        expect(self.page.get_by_test_id("room-title")).to_have_text(title)

    # Messages

    @property
    def composer(self):
        return self.page.get_by_test_id("composer-text")

    def room_id(self):
        return self.page.url.rsplit("/", 1)[1]

    def fill_room(self, count):
        """Writes many messages into the open room, quicker than by hand."""
        self.page.evaluate(
            """async ([room, count]) => {
                for (let number = 1; number <= count; number += 1) {
                    const answer = await fetch(`/api/v1/rooms/${room}/messages`, {
                        method: 'POST',
                        headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
                        body: JSON.stringify({ body: `line number ${number}.` }),
                    });
                    if (!answer.ok) throw new Error(`sending answered ${answer.status}`);
                }
            }""",
            [self.room_id(), count],
        )
        self.expect_heard(f"line number {count}.")

    def message(self, text):
        return self.page.get_by_test_id("message").filter(has_text=text)

    def say(self, text):
        self.composer.fill(text)
        self.composer.press("Enter")

    def act(self, text, action):
        """Chooses an action from the toolbar beside a message, or from its menu."""
        self.message(text).hover()
        tools = self.page.get_by_test_id("tools")
        button = tools.get_by_role("button", name=action, exact=True)
        if button.count():
            button.click()
        else:
            tools.get_by_role("button", name="More", exact=True).click()
            self.page.get_by_role("menuitem", name=action).click()

    def reaction(self, text):
        return self.message(text).get_by_test_id("reaction")

    def say_and_wait(self, text):
        self.say(text)
        self.expect_sent(text)

    def expect_sent(self, text):
        expect(self.message(text)).to_have_attribute("data-state", "stored", timeout=20_000)

    def expect_heard(self, text):
        expect(self.message(text)).to_be_visible(timeout=10_000)
        expect(self.message(text)).to_have_count(1)


class Cable:
    """The connection of one page, which a test can cut. To be made before the page is opened."""

    def __init__(self, page):
        self._connected = True
        self._sockets = []
        page.route_web_socket("**/socket.io/**", self._open)
        page.route("**/socket.io/**", lambda route: route.continue_() if self._connected else route.abort())

    def _open(self, socket):
        if self._connected:
            socket.connect_to_server()
            self._sockets.append(socket)
        else:
            socket.close()

    def cut(self):
        self._connected = False
        for socket in self._sockets:
            socket.close()
        self._sockets.clear()

    def mend(self):
        self._connected = True
