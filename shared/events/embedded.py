"""Redis from a wheel, for a machine without one: the local stack and the tests."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from shared.events.embedded_server import socket_path

REPOSITORY = Path(__file__).parents[2]
START_TIMEOUT = timedelta(seconds=60)  # as long as PostgreSQL has: the machine may be busy
STOP_TIMEOUT = timedelta(seconds=10)


class EmbeddedRedisFailed(Exception):
    """The server did not start; the message says where its log is."""


class EmbeddedRedis:
    """One Redis server that keeps nothing; reached by a socket in `state_dir`.

    Either call start() and stop(), or let a supervisor run `command()` in the foreground.
    """

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir.resolve()
        self.log = self.state_dir.with_name(self.state_dir.name + ".log")
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """The argv of the server in the foreground, to be run in the repository's root.

        SIGTERM stops it; it ends by itself when the process that started it ends.
        """
        return [sys.executable, "-m", "shared.events.embedded_server", str(self.state_dir)]

    @property
    def url(self) -> str:
        """For AGORA_REDIS_URL. Holds once the state folder exists."""
        return f"unix://{quote(str(socket_path(self.state_dir)))}"

    @property
    def pid(self) -> int | None:
        """The running server's own, if start() started it."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    def start(self) -> str:
        """Start the server unless it runs, wait until it answers, and return its URL.

        The server ends when the calling thread does. Raises EmbeddedRedisFailed.
        """
        if self.pid is None:
            self.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command(), cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
        return self.wait_until_ready()

    def wait_until_ready(self, timeout: timedelta = START_TIMEOUT) -> str:
        """Return the URL as soon as the server answers. Raises EmbeddedRedisFailed."""
        deadline = time.monotonic() + timeout.total_seconds()
        while not self._answers():
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise EmbeddedRedisFailed(f"Redis did not start, see {self.log}")
            time.sleep(0.01)
        return self.url

    def stop(self) -> None:
        """Stop the server that start() started, and return when it is gone."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT.total_seconds())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def empty(self) -> None:
        """Forget everything, between two tests."""
        self._ask(b"FLUSHALL\r\n", START_TIMEOUT)

    def _answers(self) -> bool:
        try:
            return self._ask(b"PING\r\n", timedelta(seconds=1)).startswith(b"+PONG")
        except OSError:
            return False

    def _ask(self, command: bytes, within: timedelta) -> bytes:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(within.total_seconds())
            client.connect(str(socket_path(self.state_dir)))
            client.sendall(command)
            return client.recv(64)
