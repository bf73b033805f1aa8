"""What no client may do: statements to a fleet's database."""

import glob
import subprocess


def sql(fleet, statement):
    """Runs a statement as the owner of the tables, and returns what it gives as text."""
    psql = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
    done = subprocess.run(
        [psql, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement, fleet.database_url()],
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
