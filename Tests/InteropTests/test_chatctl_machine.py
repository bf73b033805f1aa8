"""What `chatctl` does with the processes, the database and the files of a machine."""

import json
import os
import re
import socket
import ssl
import subprocess
import threading

import pexpect
import pytest

from chatctl import answer, data, run, start, terminal
from cluster import Cluster
from fleet import Fleet
from person import eventually


@pytest.fixture
def cluster():
    cluster = Cluster().start()
    yield cluster
    cluster.remove()


@pytest.fixture
def no_fleet():
    """A folder with settings but nothing that runs."""
    fleet = Fleet(instances=1)
    yield fleet
    fleet.remove()


def test_logs_of_all_processes_are_merged_and_chosen(chat):
    lines = run(chat, "logs", "-n", "1000").stdout.splitlines()
    assert {"i-1", "postgres", "redis", "supervisor"} <= {line.split("\t")[0] for line in lines}
    own = [json.loads(line) for line in run(chat, "logs", "--instance", "i-1", "--json").stdout.splitlines()]
    assert own and {line["source"] for line in own} == {"i-1"}
    assert sorted(line["at"] for line in own) == [line["at"] for line in own]
    found = run(chat, "logs", "--grep", "private_port=.*listening").stdout.splitlines()
    assert len(found) == 2
    assert run(chat, "logs", "--level", "critical", "--instance", "i-1").stdout == ""
    assert run(chat, "logs", "--instance", "i-999").returncode == 67
    assert run(chat, "logs", "--grep", "(").returncode == 64


def test_logs_are_followed(chat):
    follower = start(chat, "logs", "-f", "-n", "0", "--instance", "i-1", "--json")
    try:
        assert run(chat, "instances", "log-level", "debug", "i-1").returncode == 0
        assert "log level changed" in json.loads(follower.stdout.readline())["text"]
    finally:
        follower.terminate()
        follower.wait()
        follower.stdout.close()
        follower.stderr.close()
        run(chat, "instances", "log-level", "info", "i-1")
    assert run(chat, "instances", "log-level", "loud", "i-1").returncode == 64


def test_the_status_is_one_screen(chat):
    parts = {part["name"]: part for part in data(chat, "status")}
    assert set(parts) == {"postgres", "redis", "instances"} and all(part["ok"] for part in parts.values())
    child = terminal(chat, "status", columns=80)
    child.expect("messages/s")
    child.wait()
    assert child.exitstatus == 0


def test_the_status_says_what_is_down(chat):
    done = run(chat, "status", "--json", settings={"REDIS_URL": "redis://127.0.0.1:1"})
    assert done.returncode == 69
    assert {p["name"]: p["ok"] for p in json.loads(done.stdout)["data"]}["redis"] is False


def test_settings_are_shown_without_passwords_and_checked(no_fleet):
    url = "postgresql://chat:verysecret@db.example/chat"
    shown = run(no_fleet, "config", "show", settings={"DATABASE_URL": url}).stdout
    assert "db.example" in shown and "verysecret" not in shown
    assert run(no_fleet, "config", "check").returncode == 0
    assert run(no_fleet, "config", "check", settings={"PORT": "many"}).returncode == 78
    assert run(no_fleet, "config", "check", settings={"REDIS_URL": "mysql://x"}).returncode == 78
    file = f"{no_fleet._root}/.env"
    with open(file, "w") as settings:
        settings.write(f"DATABASE_URL={url}\n")
    os.chmod(file, 0o644)
    assert run(no_fleet, "config", "check").returncode == 78, "everybody can read the password"
    os.chmod(file, 0o600)
    assert run(no_fleet, "config", "check").returncode == 0


def test_a_setting_is_changed_in_the_file_and_read_from_there(no_fleet):
    file = f"{no_fleet._root}/.env"
    with open(file, "w") as settings:
        settings.write("# ours\n#SIGNUP=invite\nLOG_LEVEL=info\n")
    os.chmod(file, 0o600)
    assert run(no_fleet, "config", "set", "SIGNUP", "open").returncode == 0
    assert run(no_fleet, "config", "set", "log-level", "debug").returncode == 0
    assert open(file).read() == "# ours\n#SIGNUP=invite\nSIGNUP=open\nLOG_LEVEL=debug\n"
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert run(no_fleet, "config", "get", "LOG_LEVEL").stdout == "debug\n"
    shown = {row["name"]: row for row in data(no_fleet, "config", "show", settings={"LOG_LEVEL": "trace"})}
    assert shown["LOG_LEVEL"] == {"name": "LOG_LEVEL", "value": "trace", "origin": "environment"}
    assert shown["SIGNUP"] == {"name": "SIGNUP", "value": "open", "origin": ".env"}
    assert shown["PORT"]["origin"] == "default"
    for wrong, code in ((["SINGUP", "open"], 64), (["SIGNUP", "everybody"], 65), (["SIGNUP"], 64)):
        assert run(no_fleet, "config", "set", *wrong).returncode == code
    assert "did you mean SIGNUP?" in run(no_fleet, "config", "set", "SINGUP", "open").stderr
    assert "SIGNUP=open\n" in open(file).read(), "nothing changed"


def test_a_setting_with_a_password_is_never_an_argument(no_fleet):
    url = "redis://:verysecret@localhost"
    refused = run(no_fleet, "config", "set", "REDIS_URL", url)
    assert refused.returncode == 64 and "--value-stdin" in refused.stderr
    assert run(no_fleet, "config", "set", "REDIS_URL").returncode == 64, "there is no terminal"
    done = run(no_fleet, "config", "set", "REDIS_URL", "--value-stdin", text=url + "\n")
    assert done.returncode == 0 and "verysecret" not in done.stdout + done.stderr
    assert run(no_fleet, "config", "get", "REDIS_URL").stdout == "redis://:***@localhost\n"
    assert run(no_fleet, "config", "get", "REDIS_URL", "--reveal").stdout == url + "\n"
    child = terminal(no_fleet, "config", "set", "REDIS_URL")
    child.expect("not shown")
    child.sendline("redis://:other@localhost")
    child.expect("REDIS_URL is redis://:...@localhost")
    child.wait()
    assert child.exitstatus == 0


def test_the_doctor_puts_right_what_is_safe_and_asks_before_it_migrates(cluster, no_fleet):
    def doctor(*arguments):
        done = run(no_fleet, "doctor", "--json", *arguments, settings={"DATABASE_URL": cluster.url})
        return done, {(f["check"], f["verdict"]) for f in json.loads(done.stdout)["data"]}

    file = f"{no_fleet._root}/.env"
    with open(file, "w") as settings:
        settings.write("REDIS_URL=redis://:secret@127.0.0.1:1\n")
    os.chmod(file, 0o644)
    done, found = doctor()
    assert done.returncode == 1 and {("config", "warn"), ("folders", "warn")} <= found
    done, found = doctor("--fix", "--no-input")
    assert done.returncode == 1 and {("config", "fixed"), ("folders", "fixed"), ("schema", "fail")} <= found
    assert os.stat(file).st_mode & 0o777 == 0o600 and os.path.isdir(f"{no_fleet._data}/logs")
    done, found = doctor("--fix", "--yes")
    assert {("config", "pass"), ("schema", "fixed"), ("redis", "fail")} <= found, done.stdout
    done, found = doctor("--fix")
    assert ("schema", "pass") in found and "for you to do" in run(no_fleet, "doctor", "--fix").stderr


def test_a_script_waits_for_the_database(cluster, no_fleet):
    settings = {"DATABASE_URL": cluster.url}
    assert run(no_fleet, "db", "wait", "--within", "1s", settings=settings).returncode == 75, "it has no tables yet"
    assert run(no_fleet, "db", "migrate", settings=settings).returncode == 0
    assert run(no_fleet, "db", "wait", "--within", "10s", settings=settings).returncode == 0
    cluster.crash()
    assert run(no_fleet, "db", "wait", "--within", "1s", settings=settings).returncode == 75
    cluster.start()


def test_a_backup_brings_back_what_was_there(cluster, no_fleet):
    settings = {"DATABASE_URL": cluster.url}
    assert run(no_fleet, "db", "migrate", settings=settings).returncode == 0
    assert run(no_fleet, "user", "add", "early", "--generate", settings=settings).returncode == 0
    file = f"{no_fleet._root}/chat.dump"
    assert run(no_fleet, "db", "backup", file, settings=settings).returncode == 0
    assert run(no_fleet, "user", "add", "late", "--generate", settings=settings).returncode == 0
    assert run(no_fleet, "db", "restore", file, settings=settings).returncode == 64, "nobody was asked"
    done = run(no_fleet, "db", "restore", file, "--confirm", "postgres", settings=settings)
    assert done.returncode == 0, done.stderr
    assert [user["name"] for user in data(no_fleet, "user", "ls", settings=settings)] == ["early"]
    assert run(no_fleet, "db", "restore", "missing.dump", settings=settings).returncode == 65


def test_what_nobody_foresaw_is_called_a_bug(cluster, no_fleet):
    settings = {"DATABASE_URL": cluster.url}
    assert run(no_fleet, "db", "migrate", settings=settings).returncode == 0
    command = ["psql", "-qX", "-d", cluster.url, "-c", "ALTER TABLE users DROP COLUMN display_name CASCADE"]
    subprocess.run(command, check=True, cwd="/")
    done = run(no_fleet, "user", "ls", settings=settings)
    assert done.returncode == 70
    assert "--debug" in done.stderr
    assert "display_name" in run(no_fleet, "user", "ls", "--debug", settings=settings).stderr


def test_a_detached_fleet_survives_its_terminal(no_fleet):
    child = terminal(no_fleet, "up", "-n", "1", "--port", str(no_fleet.port), "--detach")
    child.expect(pexpect.EOF)
    assert "Listening on" in child.before
    assert "Ctrl-C" not in child.before and " down" in child.before, "Ctrl-C does not reach it"
    child.close(force=True)
    assert child.exitstatus == 0
    try:
        assert [instance["state"] for instance in data(no_fleet, "instances", "ls")] == ["ready"]
        pids = [instance["pid"] for instance in data(no_fleet, "instances", "ls")]
        assert run(no_fleet, "up", "--detach").returncode == 69, "it is up already"
    finally:
        assert run(no_fleet, "down").returncode == 0
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
    assert run(no_fleet, "scale", "2").returncode == 69
    assert run(no_fleet, "down").returncode == 0, "nothing to do"


def test_the_guide_is_one_command(no_fleet):
    scenes = json.loads(run(no_fleet, "demo", "--instances", "2", "--json").stdout.splitlines()[-1])["data"]
    assert [(scene["uses_adapter"], scene["arrived"]) for scene in scenes] == [(False, False), (True, True)]
    assert all(scene["alice"] != scene["bob"] for scene in scenes)


def test_other_members_on_the_same_redis_are_counted(chat):
    assert answer(chat, "instances", "ls")["meta"]["foreign_peers"] == 0
    with socket.socket(socket.AF_UNIX) as node:
        node.connect(chat._state()["redisURL"].removeprefix("unix://"))
        node.sendall(b"SUBSCRIBE socket.io-request#/#\r\n")
        node.recv(100)
        assert answer(chat, "instances", "ls")["meta"]["foreign_peers"] == 1
        child = terminal(chat, "instances", "ls")
        child.expect("1 foreign adapter peer")
        child.wait()


def test_instances_that_come_later_are_seen_by_who_watches(own_fleet):
    watcher = start(own_fleet, "instances", "ls", "--watch", "--json")
    try:
        known = {json.loads(watcher.stdout.readline())["id"] for _ in range(3)}
        assert run(own_fleet, "scale", "4").returncode == 0
        for _ in range(40):
            known.add(json.loads(watcher.stdout.readline())["id"])
            if len(known) == 4:
                break
        assert len(known) == 4
    finally:
        watcher.terminate()
        watcher.wait()
        watcher.stdout.close()
        watcher.stderr.close()


def test_sockets_are_listed_and_closed(chat, people):
    person = people.join(chat, "sven")
    rows = data(chat, "sockets", "ls", "--user", person.name)
    assert [(row["user"], row["instance"], row["transport"]) for row in rows] == [
        (person.name, person.instance, "websocket")
    ]
    person.stay_away()
    assert run(chat, "sockets", "disconnect", rows[0]["id"], "--yes").returncode == 0
    eventually(lambda: not person.connected, "the connection is closed")


class EncryptingRelay:
    """TLS in front of a fleet, with a certificate of its own."""

    def __init__(self, folder, port):
        self.certificate, key = folder / "relay.pem", folder / "relay.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate],
            check=True, capture_output=True,
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, key)
        self._upstream = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            inside = self._context.wrap_socket(client, server_side=True)
        except (ssl.SSLError, OSError):
            return
        outside = socket.create_connection(("127.0.0.1", self._upstream))
        threading.Thread(target=self._copy, args=(outside, inside), daemon=True).start()
        self._copy(inside, outside)

    @staticmethod
    def _copy(source, target):
        try:
            while chunk := source.recv(65_536):
                target.sendall(chunk)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def test_an_encrypted_server_is_measured_and_its_certificate_is_checked(chat, tmp_path):
    relay = EncryptingRelay(tmp_path, chat.port)
    try:
        arguments = ["bench", "idle", "--url", relay.url, "--clients", "1", "--duration", "100ms"]
        done = run(chat, *arguments)
        assert done.returncode == 69 and "CERTIFICATE_VERIFY_FAILED" in done.stderr
        done = run(chat, *arguments, "--ca-file", str(relay.certificate))
        # Nobody is logged in, which the chat says inside of the encrypted connection.
        assert "unauthenticated" in done.stderr, done.stderr
        assert run(chat, *arguments, "--ca-file", "missing.pem").returncode == 78

        def proxy(*more):
            done = run(chat, "doctor", "--url", relay.url, "--json", *more)
            return next(f for f in json.loads(done.stdout)["data"] if f["check"] == "proxy")

        assert proxy()["verdict"] == "fail"
        assert proxy("--ca-file", str(relay.certificate))["verdict"] == "pass"
    finally:
        relay.close()


@pytest.mark.parametrize("columns", [80, 120])
def test_top_fits_the_terminal(chat, columns):
    child = terminal(chat, "instances", "top", columns=columns)
    child.expect("q ends")
    screen = child.before.split("\x1b[?1049h")[-1]
    child.send("q")
    child.wait()
    assert child.exitstatus == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen)
    assert all(len(line.rstrip()) <= columns for line in plain.splitlines()), plain
    assert "REDIS" in plain or columns == 80
