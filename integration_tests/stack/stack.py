"""A running stack as a test sees it: its doors, its members, and its switches."""

from __future__ import annotations

import contextlib
import secrets
import signal
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from integration_tests.stack.member import Member

Place = tuple[str, int]  # host and port, as socket.create_connection takes them


class Administration(Protocol):
    """How the stack was started decides how it is administered: LocalStack and ComposeStack.

    Programs are called as their folders are, `smtp_ingest` and so on, besides them `postgres` and `redis`.
    """

    def add_account(self, name: str, password: str) -> None: ...

    def agora(self, arguments: Sequence[str], input: str | None) -> subprocess.CompletedProcess[str]: ...

    def pid(self, program: str) -> int | None: ...

    def kill(self, program: str, signal_number: int) -> None: ...

    def hold_down(self, program: str) -> AbstractContextManager[None]: ...

    def wait_until_ready(self, timeout: timedelta) -> None: ...

    def logs(self, program: str) -> str: ...

    def health(self, program: str) -> Place: ...


@dataclass(frozen=True)
class Stack:
    """What holds for one test's stack holds for the others'. A door is an attribute, too: `stack.imaps`."""

    doors: Mapping[str, Place]  # by the names of shared/doors.py
    here: str  # an address of this machine that programs of the stack can reach, too
    domain: str
    ca_file: Path
    kind: str  # "local" or "compose"
    environment: Mapping[str, str] = field(repr=False)
    administration: Administration = field(repr=False)

    def __getattr__(self, door: str) -> Place:
        """Where the door of that name is. Raises AttributeError."""
        try:
            return self.doors[door]
        except KeyError:
            raise AttributeError(door) from None

    def tls_context(self) -> ssl.SSLContext:
        """Trusts this stack's certificate and no other; names are verified."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def add_user(self, name: str, password: str) -> Member:
        """An account with its folders and its address; may sign in when this returns."""
        self.administration.add_account(name, password)
        return Member(self, name, password)

    def new_member(self, prefix: str = "member") -> Member:
        """An account that no other test knows."""
        return self.add_user(f"{prefix}-{secrets.token_hex(5)}", f"Tea-{secrets.token_hex(8)}")

    def agora(self, *arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run `agora …` about this stack, with `input` as its standard input; does not raise when it fails."""
        return self.administration.agora(arguments, input)

    def pid(self, program: str) -> int | None:
        """A program's process on this machine, None while it is down."""
        return self.administration.pid(program)

    def kill(self, program: str, signal_number: int = signal.SIGKILL) -> None:
        """Send a program a signal, and see to it that it comes back. Does not wait for anything."""
        self.administration.kill(program, signal_number)

    @contextlib.contextmanager
    def without(self, program: str, timeout: timedelta = timedelta(seconds=40)) -> Iterator[None]:
        """Kill a program and keep it down; it is started again on leaving, and everything is ready then."""
        with self.administration.hold_down(program):
            yield
        self.wait_until_ready(timeout)

    def restart(self, program: str, timeout: timedelta = timedelta(seconds=40)) -> None:
        """End a program as an operator would, and return when the whole stack is ready again."""
        self.kill(program, signal.SIGTERM)
        self.wait_until_ready(timeout)

    def wait_until_ready(self, timeout: timedelta = timedelta(seconds=40)) -> None:
        """Return when every program runs and every service is ready. Raises TimeoutError with what is not."""
        self.administration.wait_until_ready(timeout)

    def health(self, program: str) -> Place:
        """Where a service's private HTTP port is reached from this machine."""
        return self.administration.health(program)

    def logs(self, program: str) -> str:
        """What a program wrote lately."""
        return self.administration.logs(program)
