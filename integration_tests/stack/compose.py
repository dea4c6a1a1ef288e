"""The compose stack: administered by docker-compose, reached by the ports it publishes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from integration_tests.stack.stack import Place, Stack
from shared.command_line.doors import DOORS
from shared.command_line.place import ROOT

AUTHORITY = "/var/lib/agora/certificates/authority.pem"  # AGORA_CERTIFICATE_DIRECTORY in compose.yaml
ADMINISTRATION = "smtp_ingest"  # any service of ours has the command line
WAIT_SECONDS = 120  # of one docker-compose command


def compose_command() -> list[str]:
    """`docker-compose`, else Compose v2's `docker compose`. AGORA_COMPOSE names another."""
    if given := os.environ.get("AGORA_COMPOSE"):
        return given.split()
    return ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]


def compose_stack(project: str | None, scratch: Path) -> Stack:
    """The stack that runs; its authority's certificate is put into `scratch`. Raises RuntimeError when it does not."""
    administration = ComposeAdministration(project)
    administration.wait_until_ready(timedelta(seconds=60))
    ca_file = scratch / "authority.pem"
    ca_file.write_text(administration.execute(ADMINISTRATION, ["cat", AUTHORITY]).stdout)
    environment = administration.environment(ADMINISTRATION)
    return Stack(
        **{door.name: administration.published(door.service, door.port) for door in DOORS},
        domain=environment.get("AGORA_MAIL_DOMAIN", "localhost"),
        ca_file=ca_file,
        kind="compose",
        environment=environment,
        administration=administration,
    )


class ComposeAdministration:
    """By docker-compose, in the repository's root."""

    def __init__(self, project: str | None) -> None:
        self._command = [*compose_command(), *(["--project-name", project] if project else [])]

    def _compose(
        self, *arguments: str, input: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*self._command, *arguments], cwd=ROOT, input=input, capture_output=True, text=True, timeout=WAIT_SECONDS
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{' '.join(done.args)}: {done.stderr.strip() or done.stdout.strip()}")
        return done

    def execute(
        self, program: str, command: Sequence[str], input: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a program's container."""
        return self._compose("exec", "-T", _container(program), *command, input=input or "", check=check)

    def environment(self, program: str) -> Mapping[str, str]:
        """The program's own settings."""
        lines = self.execute(program, ["env"]).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if line.startswith("AGORA_") and "=" in line)

    def published(self, program: str, port: int) -> Place:
        """Where this machine reaches a container's port."""
        host, _, published = self._compose("port", _container(program), str(port)).stdout.strip().rpartition(":")
        return ("127.0.0.1" if host in ("0.0.0.0", "[::]", "::") else host, int(published))

    def add_account(self, name: str, password: str) -> None:
        done = self.agora(["user", "add", name, "--password-stdin"], f"{password}\n")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def agora(self, arguments: Sequence[str], input: str | None) -> subprocess.CompletedProcess[str]:
        return self.execute(ADMINISTRATION, ["agora", *arguments], input, check=False)

    def pid(self, program: str) -> int | None:
        state = self._state(program)
        return state["Pid"] if state["Running"] else None

    def kill(self, program: str, signal_number: int) -> None:
        """A container that is killed by hand stays down, so it is started again, as a crashed one is by its policy."""
        self._compose("kill", "-s", signal.Signals(signal_number).name, _container(program))
        deadline = time.monotonic() + WAIT_SECONDS
        while self._state(program)["Running"] and time.monotonic() < deadline:
            time.sleep(0.1)
        self._compose("start", _container(program))

    @contextlib.contextmanager
    def hold_down(self, program: str) -> Iterator[None]:
        """A container that is killed by hand stays down."""
        self._compose("kill", "-s", "KILL", _container(program))
        try:
            yield
        finally:
            self._compose("start", _container(program))

    def wait_until_ready(self, timeout: timedelta) -> None:
        deadline = time.monotonic() + timeout.total_seconds()
        programs = [*dict.fromkeys(door.service for door in DOORS), "postgres", "redis"]
        while not_healthy := [name for name in programs if self._health(name) != "healthy"]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not healthy after {timeout.total_seconds():.0f} s: {', '.join(not_healthy)}")
            time.sleep(0.5)

    def _health(self, program: str) -> str:
        state = self._state(program)
        return str(state.get("Health", {}).get("Status", "none")) if state["Running"] else "down"

    def _state(self, program: str) -> dict[str, Any]:
        container = self._compose("ps", "-q", _container(program)).stdout.split()
        if not container:
            return {"Running": False, "Pid": 0}
        inspected = subprocess.run(
            ["docker", "inspect", container[0]], capture_output=True, text=True, check=True, timeout=WAIT_SECONDS
        )
        state: dict[str, Any] = json.loads(inspected.stdout)[0]["State"]
        return state

    def logs(self, program: str) -> str:
        return self._compose("logs", "--no-color", "--tail", "500", _container(program)).stdout


def _container(program: str) -> str:
    return program.replace("_", "-")
