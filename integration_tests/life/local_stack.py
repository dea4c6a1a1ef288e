"""A stack of a test's own, driven by the command line alone."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

from shared.command_line.state_directory import ROOT, StateDirectory
from shared.doors import LOOPBACK

PATIENCE_SECONDS = 60
PATIENCE = timedelta(seconds=PATIENCE_SECONDS)


class LocalStack:
    """A stack of the test's own, driven by the command line only."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.directory = StateDirectory(state)

    def agora(self, *arguments: str, python: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {
            name: value for name, value in os.environ.items() if name == "AGORA_VENV" or not name.startswith("AGORA_")
        }
        return subprocess.run(
            [*filter(None, [python]), ROOT / "agora", *arguments],
            env={**environment, **settings, "AGORA_STATE": str(self.state)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS * 2,
        )

    def up(self, *options: str, **settings: str) -> str:
        done = self.agora("up", "--detach", "--ports", "free", *options, **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def status(self) -> dict[str, Any]:
        status: dict[str, Any] = json.loads(self.agora("status", "--json").stdout)
        return status

    def pids(self) -> dict[str, int]:
        record = self.directory.record()
        assert record is not None
        return {name: process.pid for name, process in record.processes.items() if process.pid is not None}


def imap_greeting(port: int) -> bytes:
    with socket.create_connection((LOOPBACK, port), timeout=10) as connection:
        return connection.recv(200)
