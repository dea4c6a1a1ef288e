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
from shared.command_line.state_directory import ROOT
from shared.doors import DOORS

AUTHORITY = "/var/lib/agora/certificates/authority.pem"  # AGORA_CERTIFICATE_DIRECTORY in compose.yaml
HEALTH_PORT = 9100  # AGORA_HEALTH_ENDPOINTS there
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
        doors={door.name: administration.published(door.service, door.port) for door in DOORS},
        here=administration.gateway(),
        domain=environment.get("AGORA_MAIL_DOMAIN", "localhost"),
        ca_file=ca_file,
        kind="compose",
        environment=environment,
        administration=administration,
    )


class ComposeAdministration:
    """By docker, which knows the containers; docker-compose, which takes seconds, tells once which they are."""

    def __init__(self, project: str | None) -> None:
        self._command = [*compose_command(), *(["--project-name", project] if project else [])]
        self._containers: dict[str, str] = {}

    def _compose(self, *arguments: str) -> str:
        return _run([*self._command, *arguments]).stdout.strip()

    def _container(self, program: str) -> str:
        if program not in self._containers:
            found = self._compose("ps", "-q", program.replace("_", "-")).split()
            if not found:
                raise RuntimeError(f"the compose stack has no container for {program}")
            self._containers[program] = found[0]
        return self._containers[program]

    def execute(
        self, program: str, command: Sequence[str], input: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a program's container."""
        return _run(["docker", "exec", "-i", self._container(program), *command], input=input or "", check=check)

    def environment(self, program: str) -> Mapping[str, str]:
        """The program's own settings."""
        lines = self.execute(program, ["env"]).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines if line.startswith("AGORA_") and "=" in line)

    def gateway(self) -> str:
        """This machine's address in the containers' network."""
        return str(self._network(ADMINISTRATION)["Gateway"])

    def health(self, program: str) -> Place:
        """At the container's own address: the private port is not published."""
        return str(self._network(program)["IPAddress"]), HEALTH_PORT

    def _network(self, program: str) -> Mapping[str, Any]:
        inspected = json.loads(_run(["docker", "inspect", self._container(program)]).stdout)
        networks: Mapping[str, Mapping[str, Any]] = inspected[0]["NetworkSettings"]["Networks"]
        outside = [network for name, network in networks.items() if name.endswith("_default")]
        return outside[0] if outside else next(iter(networks.values()))  # the store's network leads nowhere

    def published(self, program: str, port: int) -> Place:
        """Where this machine reaches a container's port."""
        host, _, published = self._compose("port", program.replace("_", "-"), str(port)).rpartition(":")
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
        container = self._container(program)
        _run(["docker", "kill", "-s", signal.Signals(signal_number).name, container])
        deadline = time.monotonic() + WAIT_SECONDS
        while self._state(program)["Running"] and time.monotonic() < deadline:
            time.sleep(0.1)
        _run(["docker", "start", container])

    @contextlib.contextmanager
    def hold_down(self, program: str) -> Iterator[None]:
        """A container that is killed by hand stays down."""
        container = self._container(program)
        _run(["docker", "kill", container])
        try:
            yield
        finally:
            _run(["docker", "start", container])

    def wait_until_ready(self, timeout: timedelta) -> None:
        deadline = time.monotonic() + timeout.total_seconds()
        programs = [*dict.fromkeys(door.service for door in DOORS), "postgres", "redis"]
        while not_healthy := [name for name in programs if self._health(name) != "healthy"]:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not healthy after {timeout.total_seconds():.0f} s: {', '.join(not_healthy)}")
            time.sleep(0.2)

    def _health(self, program: str) -> str:
        state = self._state(program)
        return str(state.get("Health", {}).get("Status", "none")) if state["Running"] else "down"

    def _state(self, program: str) -> dict[str, Any]:
        inspected = _run(["docker", "inspect", self._container(program)])
        state: dict[str, Any] = json.loads(inspected.stdout)[0]["State"]
        return state

    def logs(self, program: str) -> str:
        written = _run(["docker", "logs", "--tail", "500", self._container(program)])
        return written.stdout + written.stderr


def _run(command: Sequence[str], input: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=ROOT, input=input, capture_output=True, text=True, timeout=WAIT_SECONDS)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done
