"""Everything that the OpenAPI document describes, made to happen: what succeeds, and each way to fail."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from subprocess import PIPE, Popen

from fleet import PASSWORD
from pictures import png
from storage import psql

SOMETHING_LARGE = "x" * 70_000
# What needs a key, because it may be asked again.
KEYED = ("sendMessage", "uploadAttachment")
EVE = {"name": "eve", "password": PASSWORD, "invite": "x"}
# Enough to reach every limit on what one person does in a minute.
MANY = 500


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


class Story:
    """A chat of alice, its admin; of bob and carol, who are members; and of a bot."""

    def __init__(self, contract):
        self.call = contract.call
        self.contract = contract
        self.fleet = contract.fleet
        self.id, self.token, self.password = {}, {}, {}

    def everything(self):
        self.people_come()
        self.rooms_are_made()
        self.messages_are_sent()
        self.images_are_sent()
        self.rooms_change()
        self.accounts_change()
        self.access_is_looked_after()
        self.pages_are_asked_for()
        self.what_is_in_conflict_is_refused()
        self.whoever_may_not_is_refused()
        self.what_makes_no_sense_is_refused()
        self.whoever_is_too_fast_waits()
        self.the_database_is_held_up()

    # What succeeds

    def people_come(self):
        assert self.call("getSetup", 200) == {"needed": True}
        secret = self.fleet.setup_link().split("=")[-1]
        self.know(self.call("setUp", 201, body={"token": secret, "name": "alice", "password": PASSWORD}))
        self.log_in("alice")
        assert self.call("getSetup", 200, by=self.token["alice"])["me"]["name"] == "alice"
        alice = self.token["alice"]
        self.invite = self.call("createInvite", 201, by=alice, body={"uses_max": 10, "expires_in": 3600})
        assert self.call("getSignUp", 200) == {"open": False}
        assert self.call("getSignUp", 200, query={"invite": self.invite["code"]})["invite"]["valid"]
        person = {"name": "bob", "display_name": "Bob Brown", "password": PASSWORD, "invite": self.invite["code"]}
        self.know(self.call("signUp", 201, body=person))
        self.know(self.call("createUser", 201, by=alice, body={"name": "carol", "password": PASSWORD})["user"])
        self.know(self.call("createUser", 201, by=alice, body={"name": "weather", "role": "bot"})["user"])
        self.log_in("bob")
        self.log_in("carol")
        secret = self.call("issueToken", 201, by=alice, user=self.id["weather"], body={"name": "for the weather"})
        self.token["weather"] = secret["secret"]
        people = self.tagged("listUsers", alice)["users"]
        assert [person["name"] for person in people] == ["alice", "bob", "carol", "weather"]
        self.tagged("getUser", alice, user=self.id["bob"])
        assert self.call("updateMe", 200, by=alice, body={"display_name": "Alice Adams"})["me"]["name"] == "alice"
        assert self.call("getMe", 200, by=alice)["me"]["display_name"] == "Alice Adams"

    def rooms_are_made(self):
        alice, bob = self.token["alice"], self.token["bob"]
        new = {"name": "release-4", "topic": "The next release", "kind": "private", "members": [self.id["carol"]]}
        self.private = self.call("createRoom", 201, by=alice, body=new)["room"]["id"]
        self.public = self.call("createRoom", 201, by=bob, body={"name": "lunch"})["room"]["id"]
        self.tagged("getRoom", alice, room=self.public)
        self.call("addMember", 200, by=alice, room=self.public, user=self.id["alice"])
        role = {"role": "moderator"}
        self.call("addMember", 200, by=alice, room=self.private, user=self.id["bob"], body=role)
        assert len(self.call("listMembers", 200, by=alice, room=self.private)["members"]) == 3
        self.call("openDirect", 201, by=alice, body={"users": [self.id["bob"]]})
        self.direct = self.call("openDirect", 200, by=bob, body={"users": [self.id["alice"]]})["room"]["id"]
        assert {room["kind"] for room in self.tagged("listRooms", alice)["rooms"]} == {"public", "private", "direct"}

    def messages_are_sent(self):
        alice, bob, room = self.token["alice"], self.token["bob"], self.private
        once = key()
        body = {"body": f"Ready when you are, @bob **{'word ' * 20}**"}
        sent = self.call("sendMessage", 201, by=alice, room=room, headers=once, body=body)["message"]
        assert self.call("sendMessage", 200, by=alice, room=room, headers=once, body=body)["message"] == sent
        assert sent["mentions"] == [self.id["bob"]]
        self.seq = sent["seq"]
        answer = {"body": "I am", "reply_to": self.seq}
        reply = self.call("sendMessage", 201, by=bob, room=room, headers=key(), body=answer)["message"]
        assert reply["reply"]["seq"] == self.seq
        self.call("getMessage", 200, by=alice, room=room, seq=self.seq)
        edited = self.call("editMessage", 200, by=bob, room=room, seq=reply["seq"], body={"body": "I was"})
        assert edited["message"]["edited_at"]
        assert len(self.call("listVersions", 200, by=alice, room=room, seq=reply["seq"])["versions"]) == 1
        reaction = {"room": room, "seq": self.seq, "emoji": "👍"}
        assert self.call("addReaction", 200, by=alice, **reaction)["reactions"][0]["me"] is True
        self.call("addReaction", 200, by=bob, **reaction)
        assert self.call("removeReaction", 200, by=bob, **reaction)["reactions"][0]["count"] == 1
        for query in ({}, {"before_seq": self.seq}, {"after_seq": 1, "limit": 2}, {"around_seq": self.seq}):
            self.call("listMessages", 200, by=alice, room=room, query=query)
        assert self.call("listChanges", 200, by=alice, room=room, query={"since": 1})["to"] > self.seq
        self.call("listChanges", 200, by=alice, room=room)
        assert self.call("markRead", 200, by=bob, room=room, body={"seq": self.seq})["unread"] == 0
        query = {"q": "ready from:alice", "room": room, "limit": 1}
        assert len(self.call("search", 200, by=alice, query=query)["results"]) == 1
        for number in range(2):
            self.call("sendMessage", 201, by=bob, room=room, headers=key(), body={"body": f"needle {number}"})
        found = self.call("search", 200, by=alice, query={"q": "needle", "limit": 1})
        assert self.call("search", 200, by=alice, query={"q": "needle", "limit": 1, "cursor": found["next"]})["results"]
        deleted = self.call("deleteMessage", 200, by=alice, room=room, seq=reply["seq"])["message"]
        assert deleted["deleted_by"] == self.id["alice"]

    def images_are_sent(self):
        alice, bob, room = self.token["alice"], self.token["bob"], self.private
        once = {"by": alice, "room": room, "headers": key(), "query": {"name": "a cat.png"}, "file": png(30, 20)}
        image = self.call("uploadAttachment", 201, **once)["attachment"]
        assert self.call("uploadAttachment", 200, **once) == {"attachment": image, "duplicate": True}
        body = {"body": "", "attachments": [image["id"]]}
        sent = self.call("sendMessage", 201, by=alice, room=room, headers=key(), body=body)["message"]
        assert sent["attachments"] == [image]
        reply = {"body": "Nice", "reply_to": sent["seq"]}
        quoting = self.call("sendMessage", 201, by=bob, room=room, headers=key(), body=reply)["message"]
        assert quoting["reply"]["attachments"] == 1
        answer = self.contract.answer("getAttachment", 200, by=bob, attachment=image["id"])
        assert answer.content == png(30, 20)
        known = {"If-None-Match": answer.headers["ETag"]}
        self.call("getAttachment", 304, by=bob, attachment=image["id"], headers=known)

    def rooms_change(self):
        alice, bob = self.token["alice"], self.token["bob"]
        change = {"name": "release-5", "topic": "The one after", "is_default": False, "keeps_versions": False}
        self.call("updateRoom", 200, by=alice, room=self.private, body=change)
        self.call("updateRoom", 200, by=alice, room=self.private, body={"archived": True})
        archived = self.call("getRoom", 200, by=bob, room=self.private)["room"]
        assert archived["archived_at"] and archived["last_at"]
        self.call("updateRoom", 200, by=alice, room=self.private, body={"archived": False})
        self.call("removeMember", 204, by=alice, room=self.private, user=self.id["carol"])
        self.call("removeMember", 204, by=alice, room=self.public, user=self.id["alice"])
        # The log now has an entry of each kind, and each has to be as described.
        page = self.call("listMessages", 200, by=alice, room=self.private)
        kinds = {message["kind"] for message in page["messages"]}
        assert kinds == {"created", "added", "role", "text", "renamed", "topic", "archived", "restored", "removed"}

    def accounts_change(self):
        alice = self.token["alice"]
        own = self.call("issueMyToken", 201, by=alice, body={"name": "mine", "scopes": ["chat", "admin"], "expires_in": 60})
        assert own["token"]["scopes"] == ["admin", "chat"]
        assert self.call("listMyTokens", 200, by=alice)["tokens"][0]["id"] == own["token"]["id"]
        self.call("revokeMyToken", 204, by=alice, token=own["token"]["id"])
        self.log_in("alice", keep=False)
        sessions = self.call("listMySessions", 200, by=alice)["sessions"]
        other = next(session for session in sessions if not session["current"])
        self.call("endMySession", 204, by=alice, session=other["id"])
        self.call("endMyOtherSessions", 204, by=alice)
        passwords = {"current": PASSWORD, "new": "staple battery horse"}
        self.call("changePassword", 204, by=self.token["carol"], body=passwords)
        self.call("resetPassword", 204, by=alice, user=self.id["carol"], body={"password": PASSWORD})
        self.log_in("carol")
        gone = self.log_in("bob", keep=False)
        self.call("logOut", 204, by=gone)
        cookie = f"chat_session={self.token['bob']}"
        assert self.call("getMe", 200, cookie=cookie)["me"]["name"] == "bob"

    def access_is_looked_after(self):
        alice, bot = self.token["alice"], self.id["weather"]
        self.call("updateUser", 200, by=alice, user=self.id["bob"], body={"role": "moderator", "display_name": "Bob"})
        self.log_in("bob")
        assert self.call("listTokens", 200, by=alice, user=bot)["tokens"][0]["user"] == bot
        issued = self.call("issueToken", 201, by=alice, user=bot, body={"name": "another", "expires_in": 60})
        self.call("revokeToken", 204, by=alice, user=bot, token=issued["token"]["id"])
        assert self.call("listSessions", 200, by=alice, user=self.id["carol"])["sessions"]
        self.call("endSessions", 204, by=alice, user=self.id["carol"])
        invite = self.call("createInvite", 201, by=self.token["bob"], body={"rooms": [self.public]})
        assert self.call("listInvites", 200, by=alice)["invites"][0]["rooms"] == [self.public]
        self.call("revokeInvite", 204, by=alice, invite=invite["invite"]["id"])
        network = {"address": "192.0.2.0/24", "until": "2100-01-01T00:00:00Z", "reason": "Spam"}
        ban = self.call("ban", 201, by=self.token["bob"], body=network)["ban"]
        self.call("listBans", 200, by=alice)
        self.call("liftBan", 204, by=alice, ban=ban["id"])
        mallory = self.call("createUser", 201, by=alice, body={"name": "mallory", "password": PASSWORD})["user"]
        self.call("deleteUser", 204, by=alice, user=mallory["id"])
        assert self.call("getUser", 200, by=alice, user=mallory["id"])["user"]["deleted"]
        first = self.call("listAudit", 200, by=alice, query={"actor": "alice", "action": "user.add", "limit": 1})
        rest = {"action": "user.add", "cursor": first["next"], "limit": 200}
        assert self.call("listAudit", 200, by=alice, query=rest)["entries"]
        self.call("listAudit", 200, by=alice, query={"limit": 200})

    def pages_are_asked_for(self):
        assert self.call("openChat", 303).headers["Location"] == "/login/"
        assert "<!doctype html>" in self.call("openChat", 200, cookie="chat_session=x").text.lower()
        wrong = "name=nobody&password=wrong+password"
        for name, page, more in (("submitLogIn", "/login/", ""), ("submitSignUp", "/signup/", "&invite=x"),
                                 ("submitSetup", "/setup/", "&token=x")):
            assert self.call(name, 303, data=wrong + more).headers["Location"].startswith(f"{page}#")
            self.call(name, 403, data=wrong + more, headers={"Origin": "http://elsewhere.example"})
        right = f"name=bob&password={PASSWORD.replace(' ', '+')}"
        answer = self.call("submitLogIn", 303, data=right)
        assert answer.headers["Location"] == "/" and "chat_session=" in answer.headers["Set-Cookie"]

    # What fails

    def what_is_in_conflict_is_refused(self):
        alice, bob = self.token["alice"], self.token["bob"]
        person = {"name": "bob", "password": PASSWORD}
        self.call("createUser", 409, by=alice, body=person)
        self.call("signUp", 409, body={**person, "invite": self.invite["code"]})
        self.call("updateUser", 409, by=alice, user=self.id["alice"], body={"role": "member"})
        self.call("deleteUser", 409, by=alice, user=self.id["alice"])
        self.call("createRoom", 409, by=alice, body={"name": "lunch"})
        self.call("updateRoom", 409, by=alice, room=self.private, body={"name": "lunch"})
        self.call("addMember", 200, by=alice, room=self.public, user=self.id["alice"])
        self.call("removeMember", 409, by=bob, room=self.public, user=self.id["bob"])
        own = self.call("sendMessage", 201, by=alice, room=self.public, headers=key(), body={"body": "Soup"})
        at = {"by": alice, "room": self.public, "seq": own["message"]["seq"]}
        self.call("updateRoom", 200, by=bob, room=self.public, body={"archived": True})
        archived = self.call("sendMessage", 409, by=alice, room=self.public, headers=key(), body={"body": "Late"})
        assert archived["code"] == "archived"
        self.call("editMessage", 409, **at, body={"body": "Late"})
        late = {"by": alice, "room": self.public, "headers": key(), "file": png(1, 1)}
        assert self.call("uploadAttachment", 409, **late)["code"] == "archived"
        self.call("addReaction", 409, **at, emoji="👍")
        self.call("removeReaction", 409, **at, emoji="👍")
        self.call("addMember", 409, by=bob, room=self.public, user=self.id["carol"])
        self.call("updateRoom", 200, by=bob, room=self.public, body={"archived": False})
        once = key()
        self.call("sendMessage", 201, by=alice, room=self.public, headers=once, body={"body": "Salad"})
        other = self.call("sendMessage", 422, by=alice, room=self.public, headers=once, body={"body": "Bread"})
        assert other["code"] == "idempotency_mismatch"

    def whoever_may_not_is_refused(self):
        """Strangers, the banned, and whoever asks for what does not exist."""
        carol = self.log_in("carol")
        ban = {"user": self.id["carol"], "reason": "Spam"}
        self.call("ban", 201, by=self.token["bob"], body=ban)
        for name in self.statuses(401):
            if name == "logIn":
                self.call(name, 401, body={"name": "carol", "password": "wrong password"})
            else:
                self.ask_in_vain(name, 401)
        for name in self.statuses(403):
            if self.operation(name).get("security") == []:
                self.ask_in_vain(name, 403, headers={"Origin": "http://elsewhere.example"})
            else:
                self.ask_in_vain(name, 403, by=carol)
        nobody = str(uuid.uuid4())
        bodies = {
            "createRoom": {"name": "of-nobody", "members": [nobody]}, "openDirect": {"users": [nobody]},
            "createInvite": {"rooms": [nobody]}, "ban": {"user": nobody, "reason": ""},
        }
        for name in self.statuses(404):
            query = {"q": "needle", "room": "nonsense"} if name == "search" else None
            file = png(1, 1) if name == "uploadAttachment" else None
            self.ask_in_vain(name, 404, by=self.token["alice"], body=bodies.get(name), query=query, file=file)

    def what_makes_no_sense_is_refused(self):
        queries = {
            "listMessages": {"limit": "x"}, "listChanges": {"since": "x"}, "listAudit": {"limit": "x"}, "search": {"q": " "},
        }
        for name in self.statuses(422):
            wrong = self.ask_in_vain(name, 422, by=self.token["alice"], body=[], query=queries.get(name), emoji="x")
            assert wrong["field"] in ("request", "emoji", "content", *queries.get(name, ())), wrong
        for name in self.statuses(413):
            large = {"q": SOMETHING_LARGE[:600]} if name == "search" else None
            # It says of itself that it is large.
            file = png(1, 1)[:16] + b"\0\1\0\0" * 2 if name == "uploadAttachment" else None
            self.ask_in_vain(name, 413, by=self.token["alice"], body=[SOMETHING_LARGE], query=large, file=file)
        wrong = self.call("changePassword", 422, by=self.token["alice"], body={"current": PASSWORD, "new": "short"})
        assert wrong["field"] == "new"
        at = {"by": self.token["alice"], "room": self.public, "body": {"body": "x"}}
        assert self.call("sendMessage", 422, **at)["field"] == "Idempotency-Key"
        assert self.call("sendMessage", 422, **at, headers={"Idempotency-Key": "not one"})["field"] == "Idempotency-Key"
        wrong = self.call("updateUser", 422, by=self.token["alice"], user=self.id["bob"], body={})
        assert wrong["field"] == "request"

    def whoever_is_too_fast_waits(self):
        bob = self.token["bob"]
        bodies = {
            "createRoom": {"name": "lunch"}, "openDirect": {"users": [self.id["alice"]]},
            "logIn": {"name": "bob", "password": "wrong password"}, "signUp": EVE,
            "changePassword": {"current": "wrong password", "new": PASSWORD},
            "sendMessage": {"body": "x"}, "editMessage": {"body": "x"},
        }
        path = {"room": self.private, "user": self.id["bob"], "seq": 9_999_999, "emoji": "👍"}
        for name in self.statuses(429):
            query = {"q": "needle"} if name == "search" else None
            by = None if name in ("logIn", "signUp") else bob
            file = png(1, 1) if name == "uploadAttachment" else None
            self.ask_until_refused(name, path, by=by, body=bodies.get(name), query=query, file=file)

    def the_database_is_held_up(self):
        bodies = {
            "logIn": {"name": "bob", "password": PASSWORD}, "signUp": EVE,
            "setUp": {"token": "x", "name": "eve", "password": PASSWORD},
        }
        queries = {"getSignUp": {"invite": self.invite["code"]}}
        with self.locked_tables(), ThreadPoolExecutor(16) as threads:
            asked = [
                threads.submit(
                    self.ask_in_vain, name, 503, by=self.token["weather"], body=bodies.get(name), query=queries.get(name)
                )
                for name in self.statuses(503)
            ]
            for one in asked:
                assert one.result()["retry_ms"] > 0

    # Tools

    def know(self, answer):
        person = answer.get("me", answer)
        self.id[person["name"]] = person["id"]

    def log_in(self, name, keep=True):
        token = self.call("logIn", 201, body={"name": name, "password": PASSWORD, "token": True})["token"]
        if keep:
            self.token[name] = token
        return token

    def tagged(self, name, by, **path):
        """An answer that has a tag, and is not sent again to who knows it."""
        answer = self.contract.answer(name, 200, by=by, **path)
        tag = answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "private, no-cache"
        for known in (tag, f'"other", W/{tag}', "*"):
            self.call(name, 304, by=by, headers={"If-None-Match": known}, **path)
        self.call(name, 200, by=by, headers={"If-None-Match": '"other"'}, **path)
        return answer.json()

    def operation(self, name):
        return self.contract.operations[name][2]

    def statuses(self, status):
        """The operations that may answer with this status, and were not seen to."""
        return sorted(name for name, one in self.contract.described() - self.contract.seen if one == status)

    def path_of(self, name):
        """Ids of nothing for each part of the path."""
        parts = {"seq": 999_999, "emoji": "👍"}
        path = self.contract.operations[name][1]
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        return {part: parts.get(part, str(uuid.uuid4())) for part in names}

    def ask_in_vain(self, name, status, by=None, body=None, query=None, headers=None, file=None, **path):
        """A request that has what is needed to get as far as being refused."""
        operation = self.operation(name)
        content = operation.get("requestBody", {}).get("content", {})
        if body is None and "application/json" in content:
            body = content["application/json"]["example"]
        headers = {**(key() if name in KEYED else {}), **(headers or {})}
        path = {**self.path_of(name), **{part: value for part, value in path.items() if part in self.path_of(name)}}
        body = body if "application/json" in content else None
        return self.call(name, status, by=by, body=body, query=query, headers=headers, file=file, **path)

    def ask_until_refused(self, name, path, **asked):
        """Asks the same again and again, whatever comes, until it is too often."""
        path = {part: path[part] for part in self.path_of(name)}
        for _ in range(MANY):
            answer = self.contract.ask(name, headers=key() if name in KEYED else None, **asked, **path)
            if answer.status_code == 429:
                self.contract.judge(name, 429, answer)
                return
        raise AssertionError(f"{name} has no limit")

    @contextmanager
    def locked_tables(self):
        """Somebody else holds the tables, so no statement gets an answer in time."""
        holder = Popen([*psql(), self.fleet.database_url()], stdin=PIPE, stdout=PIPE, text=True)
        holder.stdin.write("BEGIN;\nLOCK TABLE users, sessions, invites, bans;\nSELECT 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.communicate("ROLLBACK;\n", timeout=20)
