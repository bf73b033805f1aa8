"""How large the answer to `session:sync` is on the wire."""

import json

import pytest
import requests

from storage import sql

BYTES_MAX = 200_000
MESSAGES = 50_000


class Polling:
    """An Engine.IO session over HTTP, to see the bytes as they are."""

    def __init__(self, fleet, token):
        self._url = f"{fleet.url}socket.io/?EIO=4&transport=polling"
        self._url += "&sid=" + json.loads(requests.get(self._url, timeout=20).text[1:])["sid"]
        self._post("40" + json.dumps({"token": token}))

    def _post(self, packet):
        assert requests.post(self._url, data=packet.encode(), timeout=20).text == "ok"

    def ask(self, event, request):
        """The acknowledgement, and the bytes of the packet that carried it."""
        self._post("420" + json.dumps([event, request]))
        while True:
            answer = requests.get(self._url, headers={"Accept-Encoding": "identity"}, timeout=20)
            assert answer.status_code == 200 and "content-encoding" not in answer.headers, answer.text
            for packet in answer.content.split(b"\x1e"):
                if packet.startswith(b"430"):
                    return json.loads(packet[3:])[0], len(packet)
                if packet == b"2":
                    self._post("3")


@pytest.mark.parametrize("text", ["x" * 400, "\\\"" * 2_000, "😀" * 1_000], ids=["short", "escaped", "long"])
def test_whoever_was_away_for_50_000_messages_gets_less_than_200_kb(fleet, people, text):
    alice = people.join(fleet, "alice")
    room = alice.get("room:create", {"name": fleet.new_room_name("busy")})["room"]["id"]
    have = alice.get("room:list")["rooms"]
    have = {one["id"]: one["last_seq"] for one in have if one.get("joined")}
    sql(fleet, f"""
        INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
        SELECT gen_random_uuid(), '{room}', n + {have[room]}, n + {have[room]}, n, 'text', '{alice.id}',
               '{room}' || n, $body${text}$body$, now()
          FROM generate_series(1, {MESSAGES}) AS n;
        UPDATE rooms SET last_seq = last_seq + {MESSAGES}, msg_count = msg_count + {MESSAGES} WHERE id = '{room}'
    """)
    answer, count = Polling(fleet, alice.token).ask("session:sync", {"rooms": have, "active": room})
    changes = next(changes for changes in answer["data"]["changes"] if changes["room"] == room)
    assert changes["reset"] and changes["to"] == have[room] + MESSAGES
    # The latest ones, so that there is something to show at once.
    assert changes["messages"][-1]["seq"] == changes["to"] and changes["messages"][-1]["body"] == text
    assert count < BYTES_MAX
