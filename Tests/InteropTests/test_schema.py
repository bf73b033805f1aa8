"""An instance starts only on the schema that it was built for."""

import subprocess

import pytest

from fleet import PUBLIC, free_port
from storage import sql

EX_CONFIG = 78
DEADLINE_S = 30


@pytest.fixture
def start(own_fleet):
    """Starts one more instance, and returns its exit code and what it said."""
    record = own_fleet.instances()[0]
    with open(f"/proc/{record['pid']}/environ", "rb") as file:
        environment = dict(entry.split("=", 1) for entry in file.read().decode().split("\0") if "=" in entry)
    with open(f"/proc/{record['pid']}/cmdline", "rb") as file:
        program = file.read().decode().split("\0")[0]
    environment |= {"INSTANCE_ID": "late", "PORT": str(free_port()), "HOST": "127.0.0.1", "PUBLIC_DIR": str(PUBLIC)}

    def start():
        done = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=DEADLINE_S)
        return done.returncode, done.stderr

    return start


def test_a_newer_or_changed_schema_is_refused_with_the_reason(own_fleet, start):
    name = "9999_from_the_future"
    sql(own_fleet, f"INSERT INTO schema_migrations (name, checksum) VALUES ('{name}', 'x')")
    code, said = start()
    assert code == EX_CONFIG
    assert name in said and "older" in said

    sql(own_fleet, f"DELETE FROM schema_migrations WHERE name = '{name}'")
    first = sql(own_fleet, "SELECT min(name) FROM schema_migrations")
    sql(own_fleet, f"UPDATE schema_migrations SET checksum = 'y' WHERE name = '{first}'")
    code, said = start()
    assert code == EX_CONFIG
    assert first in said and "changed" in said
