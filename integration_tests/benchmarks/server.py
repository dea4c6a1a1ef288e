"""A server under load: where its doors are, who may sign in, and which processes it is made of."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from shared.command_line.state_directory import ROOT

ACCOUNTS = 200
SINK_DOMAIN = "sink.test"


@dataclass(frozen=True)
class Server:
    """Agora or a peer; a job knows no difference. A port of 0: it has no such door."""

    name: str
    host: str
    smtp_port: int
    imap_port: int
    pop3_port: int
    domain: str
    account_format: str  # "u%03d" counts from 0
    password: str
    accounts: int = ACCOUNTS
    proxy_port: int = 0  # 0: no HTTP proxy
    nntp_port: int = 0
    ssh_port: int = 0
    submission_port: int = 0  # where who sends mail to other domains signs in; 0: smtp_port, and nobody signs in
    sink_port: int = 0  # at 127.0.0.1, where its mail for SINK_DOMAIN goes; 0: nowhere
    web_port: int = 0  # 0: no wiki
    wiki_account: str = ""  # who signs in to a wiki that is DokuWiki; empty: it is ours
    admit_key: Callable[[str, str], object] | None = None  # lets an account sign in with a public key of SSH
    has_silent_names: bool = False  # it asks a name server that does not answer (silent_names.py)
    private_ports: Sequence[int] = ()  # of HTTP, for its operator's programs
    transact: Callable[..., Any] | None = None  # runs an operation on its store; None: the store is not ours to fill
    renew: Callable[[], None] | None = None  # starts its processes anew; None: they are not ours to start
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # of its own programs; none: a peer
    roots: Callable[[], Sequence[int]] = tuple  # its first processes, as they are now; none: memory is not measured

    @property
    def is_ours(self) -> bool:
        """Whether `agora` can be run about it."""
        return bool(self.environment)

    def agora(self, *arguments: str, stdout: IO[bytes] | int, **settings: str) -> subprocess.Popen[bytes]:
        """Start `agora …` about the stack, as in one of its services, with other settings where they are given."""
        command = [sys.executable, "-P", "-m", "shared.command_line", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment, **settings}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=stdout)

    def start_anew(self) -> None:
        """If its processes may be started anew, they are; one that was there before uses memory again that it freed."""
        if self.renew is not None:
            self.renew()

    def port(self, kind: str) -> int:
        """Of "smtp", "imap", "pop3", "nntp", or "proxy" and "names"."""
        return {
            "smtp": self.smtp_port,
            "imap": self.imap_port,
            "pop3": self.pop3_port,
            "nntp": self.nntp_port,
            "proxy": self.proxy_port,
            "names": self.proxy_port,
        }[kind]

    def account(self, number: int) -> str:
        """The name of an account; numbers beyond the last begin again at the first."""
        number %= self.accounts
        return self.account_format % number if "%" in self.account_format else self.account_format

    def address(self, number: int) -> str:
        """Where mail for it goes."""
        return f"{self.account(number)}@{self.domain}"
