"""An attack, and what an attacker has: sessions, messages handed in, and a limited time."""

from __future__ import annotations

import contextlib
import smtplib
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap import Imap
from integration_tests.stack.local import HERE
from integration_tests.stack.wire import Wire

ATTACKER = -4
LONGEST_ATTACK_SECONDS = 15.0
RECEIVED_AT_ONCE = 4096  # for a client that does not read


@dataclass(frozen=True)
class Attacker:
    """One attempt at a server. `scale` of less than 1 makes it a smaller one."""

    server: Server
    scale: float
    deadline: float

    @property
    def account(self) -> bytes:
        return self.server.account(ATTACKER).encode()

    @property
    def seconds_left(self) -> float:
        return max(0.1, self.deadline - time.monotonic())

    @property
    def may_go_on(self) -> bool:
        return time.monotonic() < self.deadline

    @contextlib.contextmanager
    def stranger(self, port: int, receive_octets: int | None = None) -> Iterator[Wire]:
        """A connection that was greeted if the protocol greets; no wait in it is longer than the attack."""
        wire = Wire((self.server.host, port), timeout=self.seconds_left, receive_octets=receive_octets)
        with wire:
            if port != self.server.proxy_port:
                wire.line()
            yield wire

    @contextlib.contextmanager
    def member(self, mailbox: str | None = None, receive_octets: int | None = None) -> Iterator[Wire]:
        """Signed in over IMAP, a mailbox selected."""
        with self.stranger(self.server.imap_port, receive_octets) as wire:
            wire.imap(b"LOGIN %b %b" % (self.account, self.server.password.encode()))
            if mailbox is not None:
                wire.imap(b"SELECT %b" % mailbox.encode())
            yield wire

    def mail_program(self) -> Imap:
        """Signed in over IMAP, for what comes before the attack."""
        return Imap(self.server.host, self.server.imap_port, self.account.decode(), self.server.password)

    def page(self, host: str) -> bytes:
        """The request for a page of `host`, through the proxy."""
        credentials = b64encode(self.account + b":" + self.server.password.encode())
        head = b"GET http://%b/ HTTP/1.1\r\nHost: %b\r\nProxy-Authorization: Basic %b\r\n\r\n"
        return head % (host.encode(), host.encode(), credentials)

    def sign_in(self) -> None:
        """At the services that know accounts: the first password is compared in 64 MiB, which is no attack."""
        if self.server.imap_port:
            self.mail_program().close()
        if self.server.proxy_port:
            with self.stranger(self.server.proxy_port) as wire, contextlib.suppress(OSError, EOFError):
                wire.send(self.page(HERE))  # there is none: the answer is an error
                wire.line()

    def hand_in(self, message: bytes) -> bool:
        """Whether the server took a stranger's message to the attacker's own INBOX."""
        try:
            with smtplib.SMTP(self.server.host, self.server.smtp_port, timeout=self.seconds_left) as session:
                session.sendmail("stranger@sender.example", [self.server.address(ATTACKER)], message)
        except (smtplib.SMTPException, OSError):
            return False
        return True


def no_preparation(attacker: Attacker) -> None:
    """The attack needs none."""


@dataclass(frozen=True)
class Attack:
    """`prepare` is not measured; `run` may end by any refusal. Its own figures are about what waits do not show."""

    name: str  # of the job
    about: str  # in plain words
    run: Callable[[Attacker], Sequence[Figure] | None]
    prepare: Callable[[Attacker], None] = no_preparation
    bystanders: Sequence[str] = ("imap",)  # kinds, see wire/bystander.py
    needs: Callable[[Server], bool] = lambda server: True

    def fits(self, server: Server) -> bool:
        """Whether the server has what is attacked."""
        return self.needs(server) and all(server.port(kind) for kind in self.bystanders)
