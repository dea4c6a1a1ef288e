"""A stack that runs on this machine without Docker: one of the test session's own, or one that is there."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from integration_tests.stack.process import family, lives
from integration_tests.stack.stack import Place, Stack
from shared.accounts.verifiers import derive_verifiers
from shared.administration.accounts import create_member
from shared.administration.readiness import ask_all
from shared.command_line.service_places import local_places
from shared.command_line.stack.supervisor.programs import tied
from shared.command_line.stack.supervisor.report import Failed, Ready, read_news
from shared.command_line.state_directory import ROOT, ProcessRecord, StackRecord, StateDirectory, start_time
from shared.database.blocking import BlockingDatabase
from shared.doors import LOOPBACK
from shared.testing.eventually import eventually

STOP_SECONDS = 60
# Where nobody else listens: another address for each test process, as the port of their sites is the same.
HERE = f"127.77.{os.getpid() // 250 % 250 + 1}.{os.getpid() % 250 + 1}"
# The sites and feeds that tests put up are on this machine.
SETTINGS = {
    "AGORA_FEEDS_PRIVATE": "true",
    "AGORA_HTTP_PROXY_ALLOWED_NETWORKS": "127.0.0.0/8",
    "AGORA_HTTP_PROXY_CONNECT_PORTS": "443 8443",
    "AGORA_HTTP_PROXY_DIRECT_DOMAINS": "off",  # a browser's only way to them is by this machine's name
}
KEPT = frozenset({"AGORA_VENV"})  # not about a stack


@contextlib.contextmanager
def own_stack(state: Path, settings: Mapping[str, str] | None = None, within: Sequence[str] = ()) -> Iterator[Stack]:
    """Start a stack on free ports with its state in `state`, and stop it at the end; it ends with this process.

    `within`: the words of a command that runs it.
    """
    reading, writing = os.pipe()
    options = ("--state", str(state), "--ports", "free", "--report-to", str(writing))
    state.mkdir(parents=True, exist_ok=True)
    with (state / "output.log").open("wb") as output:
        supervisor = subprocess.Popen(
            [*within, *tied("shared.command_line", "up", *options)],
            cwd=ROOT,
            env={**_environment(), **SETTINGS, **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[writing],
        )
    os.close(writing)
    try:
        _wait_for_start(reading, state)
        yield running_stack(state)
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(STOP_SECONDS)


def _environment() -> dict[str, str]:
    """What this process was given, without settings that are about another stack."""
    settings = {name: value for name, value in os.environ.items() if name in KEPT or not name.startswith("AGORA_")}
    return {**settings, "PYTHONPATH": str(ROOT)}


def _wait_for_start(reading: int, state: Path) -> None:
    with os.fdopen(reading) as pipe:
        for line in pipe:
            match read_news(line):
                case Ready():
                    return
                case Failed(reason, log):
                    raise RuntimeError(f"the stack does not start: {reason}\n{log}")
    raise RuntimeError(f"the stack does not start:\n{(state / 'output.log').read_text()}")


def running_stack(state: Path) -> Stack:
    """The stack that runs with its state in `state`."""
    directory = StateDirectory(state.absolute())
    record = directory.running()
    if record is None:
        raise RuntimeError(f"no stack is running in {state}")
    environment = record.environment
    return Stack(
        doors=local_places(record).doors,
        here=HERE,
        domain=environment.get("AGORA_MAIL_DOMAIN", "localhost"),
        ca_file=Path(environment["AGORA_CERTIFICATE_DIRECTORY"]) / "authority.pem",
        kind="local",
        environment=environment,
        administration=LocalAdministration(directory),
    )


class LocalAdministration:
    """By the processes of this machine."""

    def __init__(self, directory: StateDirectory) -> None:
        self._directory = directory

    def _record(self) -> StackRecord:
        record = self._directory.running()
        if record is None:
            raise RuntimeError(f"the stack in {self._directory.path} is gone")
        return record

    def add_account(self, name: str, password: str) -> None:
        environment = self._record().environment
        verifiers = derive_verifiers(password)
        domain = environment.get("AGORA_MAIL_DOMAIN", "localhost")
        BlockingDatabase(environment["AGORA_DATABASE_URL"], "test").transact(create_member, name, verifiers, domain)

    def agora(self, arguments: Sequence[str], input: str | None) -> subprocess.CompletedProcess[str]:
        command = [str(ROOT / "agora"), *arguments]
        environment = {**_environment(), "AGORA_STATE": str(self._directory.path)}
        return subprocess.run(command, input=input, env=environment, capture_output=True, text=True)

    def health(self, program: str) -> Place:
        return LOOPBACK, self._record().health[program]

    def pid(self, program: str) -> int | None:
        return self._record().processes[program].pid

    def kill(self, program: str, signal_number: int) -> None:
        pid = self.pid(program)
        if pid is None:
            raise RuntimeError(f"{program} is down already")
        os.kill(pid, signal_number)

    @contextlib.contextmanager
    def hold_down(self, program: str) -> Iterator[None]:
        """The supervisor sleeps meanwhile, so that nothing is started again."""
        supervisor, pid = self._record().pid, self.pid(program)
        os.kill(supervisor, signal.SIGSTOP)
        try:
            if pid is not None:
                processes = list(family(pid))
                os.kill(pid, signal.SIGKILL)
                # PostgreSQL's backends go on for a moment after their postmaster, and what they commit counts.
                eventually(lambda: not any(lives(each) for each in processes), f"{program} is gone")
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)

    def wait_until_ready(self, timeout: timedelta) -> None:
        deadline = time.monotonic() + timeout.total_seconds()
        while trouble := self._trouble():
            if time.monotonic() > deadline:
                raise TimeoutError(f"after {timeout.total_seconds():.0f} s: {trouble}")
            time.sleep(0.05)

    def _trouble(self) -> str:
        record = self._record()
        down = [name for name, process in record.processes.items() if not _runs(process)]
        not_ready = [
            f"{name}: {answer.text}"
            for name, answer in ask_all(local_places(record).health).items()
            if not answer.ready
        ]
        return "; ".join([*(f"{name} is down" for name in down), *not_ready])

    def logs(self, program: str) -> str:
        return (self._directory.logs / f"{program}.log").read_text(errors="replace")


def _runs(process: ProcessRecord) -> bool:
    """Whether it is there still, is no zombie, and is not another one with its number."""
    return process.pid is not None and start_time(process.pid) == process.started
