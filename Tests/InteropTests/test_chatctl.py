"""chatctl as people and scripts use it, on a real fleet."""

import json
import os
import re
import signal
import subprocess
import uuid

import pexpect
import pytest

from api import Api
from chatctl import data, run, start, terminal
from fleet import PASSWORD, Fleet
from person import Person, eventually, log_in
from pictures import png


@pytest.mark.parametrize(
    "arguments, code",
    [
        (["user", "ls"], 0),
        (["frobnicate"], 64),
        (["user", "passwd", "alice"], 67),
        (["user", "add", "No Spaces!", "--generate"], 65),
        (["room", "rm", "general", "--no-input"], 64),
        (["room", "create", "general"], 73),
        (["instances", "show", "i-999"], 67),
        (["message", "send", "general", "hello", "--as", "outsider"], 77),
        (["user", "ls", "--config", "missing.env"], 78),
    ],
)
def test_exit_codes_say_what_went_wrong(chat, arguments, code):
    if "outsider" in arguments:
        run(chat, "user", "add", "outsider", "--generate")
        run(chat, "room", "kick", "general", "outsider", "--yes")
    done = run(chat, *arguments)
    assert done.returncode == code, done.stderr
    if code:
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")


def test_an_error_with_json_is_json_on_standard_error(chat):
    done = run(chat, "user", "show", "nobody", "--json")
    assert done.returncode == 67 and done.stdout == ""
    assert json.loads(done.stderr)["error"]["code"] == "not_found"


def test_nothing_runs_and_the_exit_code_says_so(tmp_path):
    fleet = Fleet(instances=1)
    try:
        done = subprocess.run(
            [fleet._tool("chatctl"), "user", "ls", "--data", str(tmp_path)], capture_output=True, cwd=tmp_path,
            env=fleet._environment(),
        )
        assert done.returncode == 69
    finally:
        fleet.remove()


def test_an_account_goes_through_its_life(chat):
    assert run(chat, "user", "add", "mallory", "--password-stdin", text=PASSWORD + "\n").returncode == 0
    assert run(chat, "user", "add", "mallory", "--password-stdin", "--if-not-exists", text="x\n").returncode == 0
    assert data(chat, "user", "show", "mallory")[0]["role"] == "member"
    assert data(chat, "user", "role", "mallory", "moderator")[0]["role"] == "moderator"
    assert data(chat, "user", "rename", "mallory", "trudy", "--display", "Trudy T.")[0]["display_name"] == "Trudy T."
    assert run(chat, "user", "rm", "trudy", "--confirm", "wrong").returncode == 64
    assert run(chat, "user", "rm", "trudy", "--confirm", "trudy").returncode == 0
    assert run(chat, "user", "rm", "trudy").returncode == 67
    assert run(chat, "user", "rm", "trudy", "--missing-ok").returncode == 0
    actions = [entry["action"] for entry in data(chat, "audit", "ls", "--limit", "20")]
    assert "user.add" in actions and "user.delete" in actions


def test_a_disabled_account_is_cut_off_at_once(chat):
    person = Person(chat, chat.add_user("dora"))
    assert run(chat, "user", "disable", person.name).returncode == 0
    eventually(lambda: not person._client.connected, "the connection is cut")
    person.leave()


def test_a_room_goes_through_its_life_and_people_see_it(chat):
    person = Person(chat, chat.add_user("rosa"))
    room = data(chat, "room", "create", "workshop", "--topic", "Tools", "--members", person.name)
    assert run(chat, "message", "send", "workshop", "hello\x1b[31m", "--as", person.name).returncode == 0
    person.expect(room["id"], "hello\x1b[31m")
    assert data(chat, "room", "rename", "workshop", "shed")["name"] == "shed"
    assert "\\x1b[31m" in run(chat, "message", "ls", "shed").stdout
    assert [m["user"]["name"] for m in data(chat, "room", "members", "shed")] == [person.name]
    assert data(chat, "room", "versions", "shed", "forget")["keeps_versions"] is False
    assert data(chat, "room", "archive", "shed")["archived_at"]
    assert data(chat, "room", "restore", "shed").get("archived_at") is None
    assert run(chat, "room", "rm", "shed", "--confirm", "shed").returncode == 0
    person.leave()


def test_accounts_are_imported_all_or_none(chat, tmp_path):
    os.chmod(tmp_path, 0o755)
    table = tmp_path / "people.csv"
    table.write_text("name,display_name,role\nida,Ida I.,member\nIDA,,\nno one,,\nrole,,king\n")
    done = run(chat, "user", "import", str(table))
    assert done.returncode == 65
    for line in ("line 3", "line 4", "line 5"):
        assert line in done.stderr
    table.write_text('name,display_name\nida,"I, Ida"\n')
    added = data(chat, "user", "import", str(table))
    assert added[0]["name"] == "ida" and added[0]["password"]
    assert data(chat, "user", "show", "ida")[0]["display_name"] == "I, Ida"


def test_a_password_is_asked_for_twice_and_not_shown(chat):
    child = terminal(chat, "user", "add", "paula")
    child.expect("Password for paula: ")
    child.sendline(PASSWORD)
    child.expect("Again: ")
    child.sendline(PASSWORD)
    child.expect("Created user paula")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert PASSWORD not in (child.before or "")


def test_a_severe_confirmation_wants_the_name_and_ctrl_c_changes_nothing(chat):
    data(chat, "room", "create", "precious")
    child = terminal(chat, "room", "rm", "precious")
    child.expect("Type the room name")
    child.sendintr()
    child.expect("nothing changed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
    child = terminal(chat, "room", "rm", "precious")
    child.expect("Type the room name")
    child.sendline("general")
    child.expect("nothing changed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1
    child = terminal(chat, "room", "rm", "precious")
    child.expect("Type the room name")
    child.sendline("precious")
    child.expect("Removed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_top_draws_on_a_screen_of_its_own_and_leaves_the_terminal_as_it_was(chat):
    child = terminal(chat, "instances", "top")
    child.expect("SOCKETS")
    child.send("q")
    child.expect_exact("\x1b[?1049l")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_an_instance_that_hangs_is_listed_as_silent(chat):
    instances = chat.instances()
    victim = instances[0]
    os.kill(victim["pid"], signal.SIGSTOP)
    try:
        done = run(chat, "instances", "ls", "--json", "--timeout", "1s")
        assert done.returncode == 75
        assert {i["id"]: i["silent"] for i in json.loads(done.stdout)["data"]}[victim["id"]] is True
    finally:
        os.kill(victim["pid"], signal.SIGCONT)


def test_a_drained_instance_sends_its_people_away_and_takes_them_again(chat):
    person = Person(chat, chat.add_user("nina"))
    before = person.instance
    moved = data(chat, "instances", "drain", before, "--spread", "0s", "--wait")
    assert moved[0]["left"] == 0
    person.expect_another_instance()
    assert {i["id"]: i["state"] for i in chat.instances()}[before] == "draining"
    assert run(chat, "instances", "resume", before).returncode == 0
    assert {i["id"]: i["state"] for i in chat.instances()}[before] == "ready"
    person.leave()


def test_instances_are_listed_from_the_database_when_redis_is_gone(own_fleet):
    own_fleet.kill_redis()
    done = run(own_fleet, "instances", "ls", "--json")
    assert len(json.loads(done.stdout)["data"]) == 3


def test_a_rolling_restart_under_load_loses_and_repeats_nothing(own_fleet):
    arguments = ["--clients", "100", "--rooms", "10", "--apart", "--minutes", "0.4", "--rate", "0.5", "--json"]
    verify = start(own_fleet, "verify", "delivery", *arguments)
    eventually(lambda: sum(i["sockets"] for i in own_fleet.instances()) >= 100, "the clients are there", 60)
    before = {i["id"] for i in own_fleet.instances()}
    done = run(own_fleet, "restart", "--rolling", "--spread", "2s")
    assert done.returncode == 0, done.stderr
    output, errors = verify.communicate(timeout=200)
    report = json.loads(output)["data"]
    verdict = report["verdict"]
    assert verdict["sent"] > 0 and verdict["delivered"] == verdict["expected"], errors
    assert (verdict["lost"], verdict["duplicate"], verdict["out_of_order"], report["pending"]) == (0, 0, 0, 0)
    assert report["moved"] >= 100, "everybody had to leave at least once"
    assert report["longest_absence_ms"] < 10_000
    assert before.isdisjoint(i["id"] for i in own_fleet.instances() if not i["silent"])


def test_a_rolling_restart_takes_nobody_away_before_the_successor_is_there(own_fleet):
    def settle():
        instances = own_fleet.instances()
        return len(instances) == 3 and not any(i["silent"] for i in instances) and {i["id"] for i in instances}

    before = eventually(settle, "three run")
    file = f"{own_fleet._root}/.env"
    with open(file, "w") as settings:
        settings.write("LOG_LEVEL=loud\n")
    failed = run(own_fleet, "restart", "--rolling", "--spread", "0s")
    assert failed.returncode == 78 and "LOG_LEVEL" in failed.stderr, failed.stderr
    assert settle() == before
    os.remove(file)
    done = run(own_fleet, "restart", "--rolling", "--spread", "0s")
    assert done.returncode == 0, done.stderr
    assert before.isdisjoint(eventually(settle, "three others run"))


def test_a_fleet_is_scaled_up_and_down(own_fleet):
    assert run(own_fleet, "scale", "4").returncode == 0
    eventually(lambda: len([i for i in own_fleet.instances() if not i["silent"]]) == 4, "four run")
    assert run(own_fleet, "scale", "2", "--spread", "0s").returncode == 0
    eventually(lambda: len([i for i in own_fleet.instances() if not i["silent"]]) == 2, "two run")


def test_nobody_goes_down_to_one_instance_by_a_habitual_yes(own_fleet):
    refused = run(own_fleet, "scale", "1", "--yes")
    assert refused.returncode == 64 and "--confirm 1" in refused.stderr
    assert run(own_fleet, "scale", "1", "--confirm", "2").returncode == 64
    child = terminal(own_fleet, "scale", "1")
    child.expect("This stops 2 of 3 instances and moves 0 sockets to one process.")
    child.expect(r"Type the number of instances that stay \(1\)")
    child.sendline("yes")
    child.expect("nothing changed")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 1 and len(own_fleet.instances()) == 3
    done = run(own_fleet, "scale", "1", "--confirm", "1", "--spread", "0s")
    assert done.returncode == 0 and len(own_fleet.instances()) == 1, done.stderr


def test_after_a_kill_of_the_supervisor_nothing_is_left_behind_and_the_next_one_goes_on():
    fleet = Fleet(instances=2).start()
    try:
        pids = [i["pid"] for i in fleet.instances()]
        fleet._process.kill()
        fleet._process.wait()

        def ended(pid):
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
            except FileNotFoundError:
                return True

        # Their database and Redis end in the same moment, and whatever they still have to tell those waits its time.
        eventually(lambda: all(ended(pid) for pid in pids), "the instances end with their supervisor", seconds=60)
        fleet.start()
        assert len([i for i in fleet.instances() if not i["silent"]]) == 2
    finally:
        fleet.remove()


def test_an_instance_that_crashes_in_a_loop_is_given_up_with_a_reason():
    fleet = Fleet(instances=1).start()
    try:
        for _ in range(20):
            if fleet._process.poll() is not None:
                break
            for instance in fleet._state()["instances"]:
                try:
                    os.kill(instance["process"]["pid"], signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                fleet._process.wait(1)
            except subprocess.TimeoutExpired:
                pass
        assert fleet._process.wait(60) not in (0, None)
        assert "failed 6 times in a row, giving up" in fleet.output()
        assert "gave up after 6 failures in a row" in fleet.output()
    finally:
        fleet.remove()


def add_image(api, room, content):
    answer = api.session.post(
        f"{api.url}rooms/{room}/attachments", data=content, headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["attachment"]["id"]


def test_an_installation_moves_to_an_empty_one(chat, tmp_path):
    os.chmod(tmp_path, 0o755)
    author = chat.add_user("olga")
    data(chat, "room", "create", "archive-room", "--members", author)
    assert run(chat, "message", "send", "archive-room", "keep \\ \"this\"\tä", "--as", author).returncode == 0
    olga = Api(chat, log_in(chat, author))
    room = next(room for room in data(chat, "room", "ls") if room["name"] == "archive-room")["id"]
    image, forgotten = (add_image(olga, room, png(30, 20, colour)) for colour in ((9, 9, 9), (8, 8, 8)))
    body = {"body": "", "attachments": [image]}
    sent = olga.ask("POST", f"rooms/{room}/messages", body, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert sent.status_code == 201, sent.text
    file = tmp_path / "everything.jsonl"
    assert run(chat, "export", str(file)).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    # What is not in a message is not for those who get the file.
    assert image in file.read_text() and forgotten not in file.read_text()
    empty = Fleet(instances=1).start()
    try:
        done = run(empty, "import", str(file))
        assert done.returncode == 0, done.stderr
        assert data(empty, "user", "ls") == data(chat, "user", "ls")
        assert data(empty, "room", "ls", "--archived") == data(chat, "room", "ls", "--archived")
        assert data(empty, "message", "ls", "archive-room") == data(chat, "message", "ls", "archive-room")
        assert run(empty, "import", str(file)).returncode == 73
        Person(empty, author).leave()
        moved = Api(empty, log_in(empty, author)).ask("GET", f"attachments/{image}")
        assert moved.status_code == 200 and moved.content == png(30, 20, (9, 9, 9))
    finally:
        empty.remove()


def test_an_import_that_fails_at_its_end_leaves_nothing(chat, tmp_path):
    os.chmod(tmp_path, 0o755)
    file = tmp_path / "everything.jsonl"
    chat.add_user("quentin")
    assert run(chat, "export", str(file)).returncode == 0
    lines = file.read_text().splitlines()
    last = json.loads(lines[-1])
    assert last["table"] == "audit"
    # The same key twice: everything before it was put in when the database notices.
    file.write_text("\n".join([*lines, json.dumps(last)]) + "\n")
    empty = Fleet(instances=1).start()
    try:
        assert run(empty, "import", str(file)).returncode != 0
        assert data(empty, "user", "ls") == []
        assert [entry for entry in data(empty, "audit", "ls") if entry["action"] != "user.add"] == []
        assert [room["name"] for room in data(empty, "room", "ls")] == ["general"]
    finally:
        empty.remove()


def test_a_backup_is_written_and_can_be_read(chat, tmp_path):
    os.chmod(tmp_path, 0o755)
    file = tmp_path / "chat.dump"
    assert run(chat, "db", "backup", str(file)).returncode == 0
    assert file.stat().st_size > 0 and file.stat().st_mode & 0o077 == 0
    assert run(chat, "db", "backup", str(file)).returncode == 73
    assert run(chat, "db", "restore", str(file), "--confirm", "chat").returncode == 69


def test_the_doctor_finds_a_good_installation_good(chat):
    done = run(chat, "doctor", "--json")
    findings = json.loads(done.stdout)["data"]
    assert [f for f in findings if f["verdict"] == "fail"] == []
    assert done.returncode == 0
    assert {"postgres", "schema", "redis", "instances", "proxy"} <= {f["check"] for f in findings}


def test_the_doctor_takes_instances_out_that_do_not_answer(chat):
    stopped = chat.instances()[0]
    os.kill(stopped["pid"], signal.SIGSTOP)
    try:
        # Also the check of the proxy can come to this instance, and fail.
        done = run(chat, "doctor", "--fix", "--timeout", "1s")
        assert re.search(rf"FIXED +instances +took {stopped['id']} out of the lists", done.stdout), done.stdout
        assert "Fixed 1" in done.stderr
    finally:
        os.kill(stopped["pid"], signal.SIGCONT)
    eventually(lambda: stopped["id"] in [i["id"] for i in chat.instances()], "who only hung comes back")
    assert "There was nothing to fix." in run(chat, "doctor", "--fix").stderr


@pytest.mark.parametrize("transport", ["websocket", "polling", "upgrade"])
@pytest.mark.parametrize("mode", ["idle", "echo", "fan-out", "durable-send"])
def test_a_server_is_measured(chat, mode, transport):
    report = data(chat, "bench", mode, "--clients", "5", "--duration", "1s", "--transport", transport)
    assert report["transport"] == transport
    assert (report["connected"], report["failed"], report["dropped"]) == (5, 0, 0)
    if mode != "idle":
        assert report["received"] > 0 and report["latency"]["p50"] > 0


def test_checks_and_measurements_leave_no_trace(chat):
    def everything():
        return data(chat, "user", "ls"), data(chat, "room", "ls", "--archived"), data(chat, "message", "ls", "general")

    before = everything()
    done = run(chat, "verify", "delivery", "--clients", "4", "--rooms", "2", "--minutes", "0.05", "--kill", "client")
    assert done.returncode == 0, done.stderr
    data(chat, "bench", "durable-send", "--clients", "3", "--duration", "1s")
    assert everything() == before
    interrupted = start(chat, "verify", "delivery", "--clients", "4", "--rooms", "2", "--minutes", "5")
    eventually(lambda: everything() != before, "the guests are there")
    interrupted.send_signal(signal.SIGINT)
    interrupted.communicate(timeout=60)
    assert interrupted.returncode == 130
    assert everything() == before


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_and_the_manual_page_are_printed(chat, shell):
    assert "chatctl" in run(chat, "completion", shell).stdout
    assert run(chat, "man").stdout.startswith(".TH CHATCTL 1")
