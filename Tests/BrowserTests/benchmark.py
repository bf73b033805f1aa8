"""Measures the browser client against a real fleet and prints what it found. No test: it judges nothing.

    CHAT_BIN_DIR=.build/release .build-python/bin/python Tests/BrowserTests/benchmark.py

- from the click on a room with 50,000 messages to its messages on screen,
- scripting time while 100 messages a second come in, for ten seconds,
- DOM nodes after scrolling up through 5,000 messages.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "PythonSupport")]

from playwright.sync_api import expect, sync_playwright  # noqa: E402

from fleet import Fleet  # noqa: E402
from window import Window  # noqa: E402

MESSAGES = 50_000
OPENINGS = 10
RATE_PER_S, RATE_FOR_S = 100, 10
SCROLLED_MESSAGES = 5_000

FILL = """
WITH room AS (SELECT id, last_seq, msg_count FROM rooms WHERE name = :'room' FOR UPDATE),
     author AS (SELECT id FROM users WHERE name = :'author'),
     added AS (
        INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
        SELECT gen_random_uuid(), room.id, room.last_seq + i, room.last_seq + i, room.msg_count + i, 'text', author.id,
               'filled-' || i, 'This is message number ' || i || ', as **long** as messages usually are.',
               now() - make_interval(secs => :count - i)
          FROM room, author, generate_series(1, :count) AS i)
UPDATE rooms SET last_seq = rooms.last_seq + :count, msg_count = rooms.msg_count + :count, last_at = now()
  FROM room WHERE rooms.id = room.id;
"""


def psql():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/psql"))
    return str(found[-1]) if found else "psql"


def fill(fleet, room, author, count):
    """Straight into the database: the way through the front door is not what is measured here."""
    subprocess.run(
        [psql(), "--quiet", "-v", "ON_ERROR_STOP=1", "-v", f"room={room}", "-v", f"author={author}", "-v", f"count={count}",
         fleet.database_url()],
        input=FILL, text=True, check=True)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure_opening(window, room):
    """Milliseconds from the click to the first frame that shows the newest message."""
    took = []
    for _ in range(OPENINGS):
        window.reload()
        window.open_room("general")
        took.append(window.page.evaluate(
            """(room) => new Promise((resolve) => {
                const link = [...document.querySelectorAll('.room-list a')].find((one) => one.textContent.includes(room));
                const start = performance.now();
                const look = () => {
                    const title = document.querySelector('[data-testid="room-title"]').textContent;
                    if (title === `#${room}` && document.querySelector('.log .message')) resolve(performance.now() - start);
                    else requestAnimationFrame(look);
                };
                link.click();
                requestAnimationFrame(look);
            })""", room))
    return took


def measure_stream(window, room_id):
    """Share of one core that the page's scripts, styles and layout take while messages come in."""
    session = window.page.context.new_cdp_session(window.page)
    session.send("Performance.enable")

    def metrics():
        return {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}

    last = window.page.evaluate("() => Number([...document.querySelectorAll('.log [data-seq]')].at(-1).dataset.seq)")
    before = metrics()
    # Handed to the page where the socket would: encoded packets, through the whole of the client.
    window.page.evaluate(
        """async ([room, from, rate, seconds]) => {
            const { me } = await (await fetch('/api/v1/setup')).json();
            const socket = globalThis.benchmarkSocket;
            const start = performance.now();
            for (let sent = 0; sent < rate * seconds;) {
                const due = Math.min(rate * seconds, Math.floor((performance.now() - start) / 1000 * rate));
                for (; sent < due; sent += 1) {
                    const seq = from + sent + 1;
                    const message = {
                        id: `stream-${seq}`, room, seq, n: seq, changed_seq: seq, kind: 'text', author: me.id,
                        client_id: `stream-${seq}`, body: `message **${seq}** of a busy room`, at: new Date().toISOString(),
                    };
                    const data = '42' + JSON.stringify(['message:created', message]);
                    socket.dispatchEvent(new MessageEvent('message', { data }));
                }
                await new Promise((resolve) => setTimeout(resolve, 4));
            }
        }""", [room_id, last, RATE_PER_S, RATE_FOR_S])
    window.page.wait_for_timeout(300)
    after = metrics()
    return {name: (after[name] - before[name]) / RATE_FOR_S * 1000
            for name in ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration", "TaskDuration")}


def measure_scrolling(window):
    nodes = "() => document.querySelectorAll('*').length"
    before = window.page.evaluate(nodes)
    most = window.page.evaluate(
        """async (distance) => {
            const log = document.getElementById('log');
            const first = () => Number(log.querySelector('[data-seq]').dataset.seq);
            const stop = first() - distance;
            let most = 0;
            while (first() > stop) {
                log.scrollTop = 0;
                await new Promise((resolve) => setTimeout(resolve, 20));
                most = Math.max(most, document.querySelectorAll('*').length);
            }
            return most;
        }""", SCROLLED_MESSAGES)
    return before, most, window.page.evaluate(nodes)


def main():
    fleet = Fleet(instances=3).start()
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHAT_CHROMIUM") or "/usr/bin/chromium", args=arguments)
            context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
            # The stream needs the page's WebSocket.
            context.add_init_script("""
                const Before = WebSocket;
                globalThis.WebSocket = class extends Before {
                    constructor(...args) { super(...args); globalThis.benchmarkSocket = this; }
                };""")
            name = fleet.add_user("bench")
            window = Window(context, fleet.url).log_in(name)
            room = fleet.new_room_name("big")
            window.create_room(room)
            fill(fleet, room, name, MESSAGES)
            window.reload()
            expect(window.message(f"number {MESSAGES},")).to_be_visible()
            took = measure_opening(window, room)
            print(f"opening a room of {MESSAGES:,} messages: p50 {percentile(took, .5):.0f} ms, max {max(took):.0f} ms "
                  f"({OPENINGS} openings, each after a reload)")
            before, most, after = measure_scrolling(window)
            print(f"DOM nodes: {before} before, {most} at most and {after} after scrolling through {SCROLLED_MESSAGES:,} messages")
            window.page.get_by_test_id("to-end").click()
            expect(window.message(f"number {MESSAGES},")).to_be_visible()
            for what, milliseconds in measure_stream(window, window.room_id()).items():
                print(f"{RATE_PER_S} messages a second: {what} {milliseconds:.0f} ms per second")
            browser.close()
    finally:
        fleet.remove()


if __name__ == "__main__":
    start = time.monotonic()
    main()
    print(json.dumps({"took_s": round(time.monotonic() - start)}))
