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


def say_unheard(fleet, author, room, count, text="late", then=""):
    """Writes messages past every instance, as if Redis had lost the news of them, and returns the number of the last one."""
    return int(sql(fleet, f"""
        INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
        SELECT gen_random_uuid(), id, last_seq + n, last_seq + n, msg_count + n, 'text', '{author}',
               gen_random_uuid(), $body${text}$body$, now()
          FROM rooms, generate_series(1, {count}) AS n WHERE id = '{room}';
        UPDATE rooms SET last_seq = last_seq + {count}, msg_count = msg_count + {count} WHERE id = '{room}';
        {then}
        SELECT last_seq FROM rooms WHERE id = '{room}'
    """))


def psql():
    """The command that reads statements, and stops at the first that fails."""
    return [sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1], "-qAtX", "-v", "ON_ERROR_STOP=1"]
