"""The browser client's files."""

import requests

from api import Api
from fleet import PUBLIC
from person import log_in


def test_files_come_compressed_to_those_who_can_read_it(fleet):
    path = "css/chat.css"
    text = (PUBLIC / path).read_text()
    for _ in range(2):  # the second time from what was kept
        answer = requests.get(fleet.url + path, headers={"Accept-Encoding": "gzip"}, stream=True)
        assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["Vary"] == "Accept-Encoding"
        assert int(answer.headers["Content-Length"]) < len(text.encode())
        assert answer.content.decode() == text
    plain = requests.get(fleet.url + path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and plain.content.decode() == text


def test_a_file_that_did_not_change_is_not_sent_again(fleet):
    first = requests.get(fleet.url)
    again = requests.get(fleet.url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""


def test_answers_of_the_api_are_not_compressed_however_long(fleet):
    owner = Api(fleet, log_in(fleet, fleet.add_user("owner")))
    for _ in range(4):
        owner.get("POST", "rooms", {"name": fleet.new_room_name("long")}, status=201)
    answer = owner.ask("GET", "rooms")
    assert len(answer.content) > 1_024 and "ETag" in answer.headers
    assert "Content-Encoding" not in answer.headers
