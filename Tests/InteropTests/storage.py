"""What no client may do: statements to a fleet's database."""

import glob
import subprocess


def sql(fleet, statement):
    """Runs a statement as the owner of the tables, and returns what it gives as text."""
    done = subprocess.run(
        [*psql(), "-c", statement, fleet.database_url()], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def psql():
    """The command that reads statements, and stops at the first that fails."""
    return [sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1], "-qAtX", "-v", "ON_ERROR_STOP=1"]
