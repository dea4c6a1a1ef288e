"""PostgreSQL from a wheel, for a machine without one: the local stack and the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import psycopg2

from shared.database.embedded_server import DATABASE, USER, running_postmaster, socket_dir

REPOSITORY = Path(__file__).parents[2]
START_TIMEOUT = timedelta(seconds=60)  # recovery after a crash replays up to max_wal_size
STOP_TIMEOUT = timedelta(seconds=30)


class EmbeddedPostgresFailed(Exception):
    """The server did not start; the message says where its log is."""


class EmbeddedPostgres:
    """One PostgreSQL server with its state in a folder of its own; reached by a socket in that folder.

    Either call start() and stop(), or let a supervisor run `command()` in the foreground and call wait_until_ready().
    """

    def __init__(self, state_dir: Path, *, scratch: bool = False) -> None:
        """`scratch`: for tests; faster, and the data is lost when the machine goes down."""
        self.state_dir = state_dir.resolve()
        self.scratch = scratch
        self.log = self.state_dir.with_name(self.state_dir.name + ".log")
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The argv of the server in the foreground, to be run in the repository's root.

        First run, recovery after kill -9 and giving up root are part of it. SIGINT stops it without waiting for
        clients; it ends by itself when the process that started it ends.
        """
        flags = ["--scratch"] if self.scratch else []
        return [sys.executable, "-m", "shared.database.embedded_server", *flags, str(self.state_dir)]

    @property
    def url(self) -> str:
        """For libpq, psycopg2 and AGORA_DATABASE_URL. Holds once the state folder exists."""
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(socket_dir(self.state_dir)), safe='')}"

    @property
    def pid(self) -> int | None:
        """The running server's, whoever started it."""
        if self._process is not None:
            self._process.poll()  # otherwise a server that was killed would stay a zombie
        return running_postmaster(self.state_dir / "data")

    def start(self) -> str:
        """Start the server unless it runs, wait until it answers, and return its URL.

        The server ends when the calling thread does. Raises EmbeddedPostgresFailed.
        """
        if self._process is None or self._process.poll() is not None:
            self.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command(), cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
        return self.wait_until_ready()

    def wait_until_ready(self, timeout: timedelta = START_TIMEOUT) -> str:
        """Return the URL as soon as the server answers. Raises EmbeddedPostgresFailed."""
        deadline = time.monotonic() + timeout.total_seconds()
        problem = ""
        while True:
            try:
                psycopg2.connect(self.url, connect_timeout=5).close()
                if self._process is None or self._process.pid == self.pid:
                    return self.url
                problem = "another server is still there"
            except psycopg2.OperationalError as error:
                problem = str(error).strip()
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise EmbeddedPostgresFailed(f"PostgreSQL did not start, see {self.log}: {problem}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server without waiting for its clients, and return when it is gone."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            pid = self._process.pid if self._process is not None else self.pid
            if pid is None or self._is_gone_after(number, pid):
                break
        self._process = None
        if self.state_dir.exists() and (folder := socket_dir(self.state_dir)) != self.state_dir:
            shutil.rmtree(folder, ignore_errors=True)

    def _is_gone_after(self, number: int, pid: int) -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + STOP_TIMEOUT.total_seconds()
        while time.monotonic() < deadline:
            if self._process is not None:
                if self._process.poll() is not None:
                    return True
            elif self.pid != pid:
                return True
            time.sleep(0.01)
        return False
