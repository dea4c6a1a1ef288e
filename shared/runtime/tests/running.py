"""Runs the echo service as a real process."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from shared.testing.eventually import eventually

ROOT = Path(__file__).parents[3]
PATIENCE_SECONDS = 20.0  # the machine may be busy
START = timedelta(seconds=60)  # two seconds of a processor that others may need, too
MODULE = "shared.runtime.tests.echo_service"


class EchoProcess:
    """One run of the service with its files in `directory`; killed at the end if it still runs."""

    def __init__(
        self,
        directory: Path,
        *flags: str,
        settings: Mapping[str, str] | None = None,
        python: Sequence[str] = (sys.executable,),
        path: str = "",
        module: str = MODULE,
    ) -> None:
        directory.mkdir(exist_ok=True)
        self.directory = directory
        self.ports_file = directory / "ports.json"
        self.output_file = directory / "output"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AGORA_")}
        environment |= {
            "PYTHONPATH": f"{ROOT}:{path}",
            "AGORA_CERTIFICATE_DIRECTORY": str(directory / "certificates"),
            "AGORA_PORTS_FILE": str(self.ports_file),
            "AGORA_DATABASE_URL": "postgresql://agora@127.0.0.1:1/agora",  # nobody listens on port 1
            "AGORA_REDIS_URL": "redis://127.0.0.1:1/0",
            **(settings or {}),
        }
        with self.output_file.open("wb") as output:
            self.process = subprocess.Popen(
                [*python, "-m", module, *flags], cwd=directory, env=environment, stdout=output, stderr=output
            )

    def __enter__(self) -> EchoProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._kill()

    def _kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def output(self) -> str:
        return self.output_file.read_text()

    def wait_until_open(self) -> EchoProcess:
        """Returns when the doors are open. A process that does not open them is killed."""

        def is_open() -> bool:
            assert self.process.poll() in (None, 0), self.output()
            return self.ports_file.exists()

        try:
            eventually(is_open, "the doors open", START)
        except BaseException:
            self._kill()
            raise
        return self

    def wait_until_ended(self) -> int:
        """Returns the exit status of a process that is about to end."""
        eventually(lambda: self.process.poll() is not None, "the process has ended", START)
        return self.process.wait()

    def place(self, door: str) -> tuple[str, int]:
        doors: dict[str, list[str]] = json.loads(self.ports_file.read_text())["doors"]
        host, _, port = doors[door][0].rpartition(":")
        return host, int(port)

    def connect(self, door: str = "echo") -> socket.socket:
        return socket.create_connection(self.place(door), timeout=PATIENCE_SECONDS)

    def greeting(self) -> dict[bytes, int]:
        """What a new connection is told: `pid` and `uid` of who serves it."""
        with self.connect() as client:
            words = client.recv(100).split()
        return {words[0]: int(words[1]), words[2]: int(words[3])} if words else {}

    def certificate(self, authority: Path) -> int:
        """The serial number of the certificate that the TLS door serves now."""
        context = ssl.create_default_context(cafile=str(authority))
        with context.wrap_socket(self.connect("tls"), server_hostname="localhost") as client:
            certificate = client.getpeercert()
            assert certificate is not None
            return int(str(certificate["serialNumber"]), 16)

    def health(self, path: str, called: str | None = None, within_seconds: float = PATIENCE_SECONDS) -> tuple[int, str]:
        """Status and page; `called` is what the client takes the port's host for, if not its address."""
        host, port = self.place("health")
        request = urllib.request.Request(
            f"http://{host}:{port}{path}", headers={} if called is None else {"Host": called}
        )
        try:
            with urllib.request.urlopen(request, timeout=within_seconds) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def ask_to_leave(self) -> int:
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait_until_ended()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
