"""An account of a running stack, with a door opened in one line each."""

from __future__ import annotations

import contextlib
import imaplib
import poplib
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integration_tests.stack.stack import Stack

TIMEOUT_SECONDS = 20  # of one answer; a test that waits longer has found something


@dataclass(frozen=True)
class Member:
    """Somebody with a password and an address."""

    stack: Stack
    name: str
    password: str

    @property
    def address(self) -> str:
        return f"{self.name}@{self.stack.domain}"

    @contextlib.contextmanager
    def imap(self, folder: str | None = None) -> Iterator[imaplib.IMAP4_SSL]:
        """Signed in over TLS; with a folder's name, selected."""
        host, port = self.stack.imaps
        session = imaplib.IMAP4_SSL(host, port, ssl_context=self.stack.tls_context(), timeout=TIMEOUT_SECONDS)
        try:
            session.login(self.name, self.password)
            if folder is not None:
                status, answer = session.select(f'"{folder}"')
                assert status == "OK", answer
            yield session
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                session.logout()

    @contextlib.contextmanager
    def pop3(self) -> Iterator[poplib.POP3_SSL]:
        """Signed in over TLS; leaving sends QUIT, so that deletions are done."""
        host, port = self.stack.pop3s
        session = poplib.POP3_SSL(host, port, context=self.stack.tls_context(), timeout=TIMEOUT_SECONDS)
        try:
            session.user(self.name)
            session.pass_(self.password)
            yield session
        finally:
            with contextlib.suppress(OSError, poplib.error_proto):
                session.quit()

    @contextlib.contextmanager
    def submission(self) -> Iterator[smtplib.SMTP]:
        """Signed in after STARTTLS."""
        host, port = self.stack.submission
        with smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS) as session:
            session.starttls(context=self.stack.tls_context())
            session.login(self.name, self.password)
            yield session

    def receive(self, message: bytes, sender: str = "stranger@example.org") -> None:
        """Have a message delivered by SMTP, as from another server; it is committed when this returns."""
        host, port = self.stack.smtp
        with smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS) as session:
            session.sendmail(sender, [self.address], message)
