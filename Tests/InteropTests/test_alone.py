"""An instance that was given a PostgreSQL and no Redis."""

import subprocess
import urllib.error
import urllib.request

from chatctl import data, run
from cluster import Cluster
from fleet import PUBLIC, Fleet
from person import eventually


def answers(url):
    try:
        return urllib.request.urlopen(url + "api/v1/setup", timeout=2).status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_an_instance_without_redis_serves_people_until_it_is_told_to_stop(people):
    cluster = Cluster().start()
    alone = Fleet(settings={"DATABASE_URL": cluster.url})
    assert run(alone, "db", "migrate").returncode == 0
    environment = {**alone._environment(), "PORT": str(alone.port), "MIGRATIONS_DIR": str(PUBLIC.parent / "migrations")}
    instance = subprocess.Popen([alone._tool("ChatServer")], cwd=alone._root, env=environment, stdin=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(alone.url) or instance.poll() is not None, "it answers")
        data(alone, "room", "create", "quiet")
        alice, bob = people.join(alone, "alice"), people.join(alone, "bob")
        room = alice.room("quiet")["id"]
        for person in (alice, bob):
            person.get("room:join", {"room": room})
        alice.send(room, "hello")
        bob.expect(room, "hello")
        assert instance.poll() is None
        instance.terminate()
        assert instance.wait(30) == 0
    finally:
        instance.kill()
        instance.wait()
        alone.remove()
        cluster.remove()
