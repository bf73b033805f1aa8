"""What each instance tells those who watch it, on its private listener."""

from pathlib import Path

import requests

from fleet import Fleet


def private_listener(fleet, person):
    """That of the instance on which the person is."""
    record = next(record for record in fleet.instances() if record["id"] == person.instance)
    return f"http://{record['address']}/"


def test_metrics_count_what_people_do(fleet, people):
    alice = people.join(fleet, "alice")
    alice.send(alice.room("general")["id"], "count me")
    answer = requests.get(private_listener(fleet, alice) + "metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert float(samples['chat_events_total{event="message:send"}']) >= 1
    assert float(samples["chat_sockets"]) >= 1
    assert float(samples['chat_dependency_up{server="postgresql"}']) == 1
    assert float(samples['chat_dependency_up{server="redis"}']) == 1
    assert float(samples["process_resident_memory_bytes"]) > 1_000_000


def test_an_instance_says_that_it_runs_and_that_it_is_ready(fleet, people):
    private = private_listener(fleet, people.join(fleet, "alice"))
    assert requests.get(private + "healthz").text == "ok\n"
    assert requests.get(private + "readyz").text == "ready\n"


def test_what_is_for_the_fleet_is_refused_without_its_secret(fleet, people):
    private = private_listener(fleet, people.join(fleet, "alice"))
    assert requests.post(private + "control", json={"action": "drain"}).status_code == 403
    assert requests.get(private + "socket.io/?EIO=4&transport=polling").status_code == 403
    assert requests.get(fleet.url + "metrics").status_code == 404


def test_the_log_does_not_tell_the_secret_however_much_it_tells():
    fleet = Fleet(instances=1, settings={"LOG_LEVEL": "debug"}).start()
    try:
        secret = Path(fleet._data, "fleet.secret").read_text().strip()
        log = "".join(path.read_text() for path in Path(fleet._data, "logs").iterdir())
        assert "Starting service" in log and secret not in log
    finally:
        fleet.remove()
