"""A PostgreSQL server of its own for a test that stops it without warning."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class Cluster:
    def __init__(self):
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
        # Short, because Unix socket paths are.
        self._root = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(self._root, "postgres")
        self._run("initdb", "-D", self._data, "-U", "chat", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.url = f"postgresql:///postgres?host={self._root}&user=chat"

    @property
    def _data(self):
        return str(self._root / "data")

    def start(self):
        options = f"-c listen_addresses= -c unix_socket_directories={self._root} -c max_connections=60"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", str(self._root / "log"), "-o", options)
        return self

    def crash(self):
        """Ends every process at once; what was not written down is gone."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)

    def remove(self):
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)
        shutil.rmtree(self._root, ignore_errors=True)

    def _run(self, tool, *arguments):
        user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        subprocess.run(
            [self._bin / tool, *arguments], cwd=self._root, check=True, timeout=60, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **identity,
        )
