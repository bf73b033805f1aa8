"""Images in messages: uploading, sending and getting them, and all that must not work."""

import os
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from api import Api
from fleet import Fleet
from person import eventually, log_in
from pictures import SVG, png
from storage import sql

LIMIT = 5 * 1024 * 1024


@pytest.fixture
def alice(people, fleet):
    return people.join(fleet, "alice")


@pytest.fixture
def bob(people, fleet, alice):
    return people.join_elsewhere(fleet, "bob", alice)


@pytest.fixture
def room(fleet, alice, bob):
    """A private room of alice and bob, who hang on two instances."""
    new = {"name": fleet.new_room_name("pictures"), "kind": "private", "members": [bob.id]}
    return alice.get("room:create", new)["room"]["id"]


def api(person):
    return Api(person.fleet, person.token)


def upload(person, room, content=None, key=None, name="a cat.png", **headers):
    return api(person).session.post(
        f"{person.fleet.url}api/v1/rooms/{room}/attachments", params={"name": name},
        data=png(30, 20) if content is None else content,
        headers={"Idempotency-Key": key or str(uuid.uuid4()), **headers},
    )


def uploaded(person, room, content=None, **more):
    answer = upload(person, room, content, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()["attachment"]


def fetch(person, image, **headers):
    return api(person).ask("GET", f"attachments/{image['id']}", headers=headers)


def send(person, room, images, body="", **more):
    draft = {"room": room, "client_id": str(uuid.uuid4()), "body": body, "attachments": [one["id"] for one in images]}
    return person.ask("message:send", {**draft, **more})


def sent(person, room, images, **more):
    answer = send(person, room, images, **more)
    assert answer["ok"], answer
    return answer["data"]["message"]


def refused(answer, status, code, field=None):
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("field")) == (status, code, field), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer


def test_an_image_reaches_everybody_in_the_room_whatever_instance_they_hang_on(room, alice, bob):
    image = uploaded(alice, room)
    assert image == {**image, "name": "a cat.png", "media_type": "image/png", "width": 30, "height": 20,
                     "bytes": len(png(30, 20))}
    message = sent(alice, room, [image])
    assert message["body"] == "" and message["attachments"] == [image]
    eventually(
        lambda: [heard["attachments"] for heard in bob.messages if heard["id"] == message["id"]] == [[image]],
        "bob hears of it, once",
    )
    for person in (alice, bob):
        answer = fetch(person, image)
        assert answer.status_code == 200 and answer.content == png(30, 20)
    page = bob.get("message:list", {"room": room, "limit": 1})["messages"]
    found = bob.get("message:search", {"query": f"from:{alice.name}", "room": room})["results"]
    changes = bob.get("room:sync", {"room": room, "since": message["seq"] - 1})["messages"]
    assert [page[0]["attachments"], found[0]["message"]["attachments"], changes[0]["attachments"]] == [[image]] * 3


def test_an_answer_to_an_image_says_how_many_there_are(room, alice, bob):
    message = sent(alice, room, [uploaded(alice, room), uploaded(alice, room)])
    reply = bob.get("message:send", {"room": room, "client_id": "r", "body": "nice", "reply_to": message["seq"]})["message"]
    assert reply["reply"] == {"seq": message["seq"], "author": alice.id, "body": "", "attachments": 2, "deleted": False}
    assert bob.get("message:get", {"room": room, "seq": reply["seq"]})["message"]["reply"] == reply["reply"]


def test_what_a_browser_is_told_lets_nothing_in_an_image_run(room, alice):
    image = uploaded(alice, room, name="évil\"; filename=x.html")
    answer = fetch(alice, image)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Disposition"] == (
        "inline; filename=\"_vil_; filename=x.html.png\"; "
        "filename*=UTF-8''%C3%A9vil%22%3B%20filename%3Dx.html.png"
    )
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Cookie, Authorization"


def test_who_has_an_image_is_not_sent_it_again_and_its_size_can_be_asked_for(room, alice):
    image = uploaded(alice, room)
    tag = fetch(alice, image).headers["ETag"]
    again = fetch(alice, image, **{"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b""
    head = api(alice).ask("HEAD", f"attachments/{image['id']}")
    assert head.status_code == 200 and head.content == b"" and int(head.headers["Content-Length"]) == image["bytes"]


def test_an_image_is_not_there_for_who_may_not_read_its_message(people, fleet, room, alice, bob):
    eve = people.join(fleet, "eve")
    image = uploaded(alice, room)
    for person in (bob, eve):
        refused(fetch(person, image), 404, "not_found")
    message = sent(alice, room, [image])
    assert fetch(bob, image).status_code == 200
    refused(fetch(eve, image), 404, "not_found")
    refused(fetch(eve, {"id": str(uuid.uuid4())}), 404, "not_found")
    assert requests.get(f"{fleet.url}api/v1/attachments/{image['id']}").status_code == 401
    tag = fetch(bob, image).headers["ETag"]
    alice.get("room:kick", {"room": room, "user": bob.id})
    # What a browser kept is not confirmed either.
    refused(fetch(bob, image, **{"If-None-Match": tag}), 404, "not_found")
    alice.get("message:delete", {"room": room, "seq": message["seq"]})
    refused(fetch(alice, image), 404, "not_found")


def test_a_deleted_message_leaves_nothing_of_its_images(fleet, room, alice, bob):
    message = sent(alice, room, [uploaded(alice, room), uploaded(alice, room)], body="look")
    deleted = bob.ask("message:delete", {"room": room, "seq": message["seq"]})
    assert deleted["error"]["code"] == "forbidden"
    assert alice.get("message:delete", {"room": room, "seq": message["seq"]})["message"]["attachments"] == []
    assert sql(fleet, f"SELECT count(*) FROM attachments WHERE room_id = '{room}'") == "0"
    assert sql(fleet, f"SELECT attachments IS NULL FROM messages WHERE id = '{message['id']}'") == "t"


def test_only_ones_own_waiting_images_of_the_room_can_be_sent(fleet, room, alice, bob):
    other = alice.get("room:create", {"name": fleet.new_room_name("other")})["room"]["id"]
    images = [uploaded(bob, room), uploaded(alice, other), {"id": str(uuid.uuid4())}]
    spent = uploaded(alice, room)
    sent(alice, room, [spent])
    own = uploaded(alice, room)
    for image in [*images, spent]:
        error = send(alice, room, [own, image], body="text")["error"]
        assert (error["code"], error["field"], error["retryable"]) == ("invalid", "attachments", False)
    error = send(alice, room, [own, own])["error"]
    assert (error["code"], error["field"]) == ("invalid", "attachments")
    assert send(alice, room, [{"id": "x"}])["error"]["field"] == "attachments.0"
    assert send(alice, room, [])["error"]["field"] == "body"
    # Nothing of that has used it up.
    sent(alice, room, [own])
    sent(bob, room, images[:1])


def test_a_retry_is_the_same_image_and_the_same_message_on_every_instance(room, alice, bob):
    key, once = str(uuid.uuid4()), str(uuid.uuid4())
    with ThreadPoolExecutor(6) as threads:
        answers = [one.result() for one in [threads.submit(upload, alice, room, key=key) for _ in range(3)]]
    images = [answer.json()["attachment"] for answer in answers]
    assert images == images[:1] * 3
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    first = sent(alice, room, images[:1], client_id=once)
    again = send(alice, room, images[:1], client_id=once)["data"]
    assert again == {"message": first, "duplicate": True}
    assert upload(alice, room, key=key).json() == {"attachment": images[0], "duplicate": True}
    refused(upload(alice, room, png(31, 20), key=key), 422, "idempotency_mismatch")
    assert upload(bob, room, key=key).status_code == 201


def test_rest_sends_images_too_and_a_text_is_not_needed(room, alice):
    image = uploaded(alice, room)
    answer = api(alice).ask(
        "POST", f"rooms/{room}/messages", {"attachments": [image["id"]]}, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    assert answer.status_code == 201 and answer.json()["message"]["attachments"] == [image]


HOSTILE = {
    "nothing": b"", "svg": SVG, "html": b"<html><script>alert(1)</script></html>",
    "html in a gif's clothes": b"GIF89b<script>", "a cut png": png(9, 9)[:20], "noise": os.urandom(1_000),
    "pdf": b"%PDF-1.7 ...", "an endless jpeg": b"\xff\xd8" + b"\xff\xe1\0\x02" * 100_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_image_is_refused_whatever_it_is_called(room, alice, content):
    for claimed in ("image/png", "image/svg+xml", "text/html"):
        refused(upload(alice, room, content, **{"Content-Type": claimed}), 422, "invalid", "content")


def test_the_kind_of_an_image_is_what_its_bytes_say(room, alice):
    polyglot = png(9, 9) + b"<script>alert(1)</script>"
    image = uploaded(alice, room, polyglot, name="page.html", **{"Content-Type": "text/html"})
    assert (image["media_type"], image["name"]) == ("image/png", "page.html.png")
    answer = fetch(alice, image)
    assert answer.headers["Content-Type"] == "image/png" and answer.content == polyglot


def test_an_image_of_too_many_pixels_is_refused(room, alice):
    bomb = png(1, 1)[:16] + (20_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    refused(upload(alice, room, bomb), 413, "too_large", "content")


def test_five_mebibytes_go_through_and_no_more(room, alice, bob):
    largest = png(30, 20) + os.urandom(LIMIT - len(png(30, 20)))
    image = uploaded(alice, room, largest)
    sent(alice, room, [image])
    assert fetch(bob, image).content == largest
    # A client that asks first is not kept sending.
    answer = talk(alice.fleet, head(alice, room, LIMIT + 1))
    assert answer.startswith("HTTP/1.1 413 ") and '"code":"too_large"' in answer


def test_a_key_and_a_room_of_ones_own_are_needed(people, fleet, room, alice):
    eve = people.join(fleet, "eve")
    refused(upload(eve, room), 404, "not_found")
    url = f"{fleet.url}api/v1/rooms/{room}/attachments"
    refused(api(alice).session.post(url, data=png(1, 1)), 422, "invalid", "Idempotency-Key")
    refused(upload(alice, room, key="not one"), 422, "invalid", "Idempotency-Key")
    refused(requests.post(url, data=png(1, 1)), 401, "unauthenticated")
    refused(upload(alice, room, **{"Origin": "http://elsewhere.example"}), 403, "forbidden")
    refused(upload(alice, "nonsense"), 404, "not_found")


def head(person, room, count, *more):
    return "\r\n".join([
        f"POST /api/v1/rooms/{room}/attachments HTTP/1.1", "Host: chat", f"Content-Length: {count}",
        f"Idempotency-Key: {uuid.uuid4()}", f"Authorization: Bearer {person.token}", "Expect: 100-continue", *more, "", "",
    ])


def connect(fleet):
    host, port = fleet.url.removeprefix("http://").rstrip("/").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def talk(fleet, text):
    with connect(fleet) as line:
        line.sendall(text.encode())
        return line.recv(65_536).decode()


def test_too_many_uploads_at_once_are_put_off_before_they_are_read(people):
    fleet = Fleet(instances=1).start()
    try:
        alice = people.join(fleet, "alice")
        bob = people.join(fleet, "bob")
        room = alice.get("room:create", {"name": "slow"})["room"]["id"]
        bob.get("room:join", {"room": room})
        lines = []
        for _ in range(3):
            lines.append(connect(fleet))
            lines[-1].sendall(head(alice, room, 1_000).encode())
            assert lines[-1].recv(100).startswith(b"HTTP/1.1 100 ")
        put_off = refused(upload(alice, room), 429, "rate_limited")
        assert int(put_off.headers["Retry-After"]) > 0
        # Somebody else still has room, and so has she when one of hers is gone.
        uploaded(bob, room)
        lines.pop().close()
        deadline = time.monotonic() + 10
        while upload(alice, room).status_code != 201:
            assert time.monotonic() < deadline
        for line in lines:
            line.close()
    finally:
        for person in (alice, bob):
            person.stay_away()
        fleet.remove()


def test_uploads_are_counted(people):
    fleet = Fleet(instances=1, settings={"LIMIT_UPLOADS": "1", "ATTACHMENT_BYTES_MAX": "2000"}).start()
    try:
        alice = people.join(fleet, "alice")
        assert alice.ready["limits"] == {"message_bytes": 8192, "attachment_bytes": 2000, "attachments": 10}
        room = alice.get("room:create", {"name": "counted"})["room"]["id"]
        uploaded(alice, room, png(1, 1))
        refused(upload(alice, room, png(1, 1) + b"\0" * 2_000), 413, "too_large", "request")
        for _ in range(9):
            uploaded(alice, room, png(1, 1))
        answer = refused(upload(alice, room, png(1, 1)), 429, "rate_limited")
        assert int(answer.headers["Retry-After"]) > 30
        alice.stay_away()
    finally:
        fleet.remove()

