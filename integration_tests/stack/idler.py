"""A mail program that waits for news of a mailbox by IDLE."""

from __future__ import annotations

import re
import time
from types import TracebackType

from integration_tests.stack.member import Member
from integration_tests.stack.wire import Wire

_EXISTS = re.compile(rb"\* (\d+) EXISTS")


class Idler:
    """Signed in over TLS, a mailbox selected, in IDLE."""

    def __init__(self, member: Member, mailbox: str = "INBOX") -> None:
        stack = member.stack
        self.wire = Wire(stack.imaps, tls=stack.tls_context())
        self.wire.line()
        self.wire.imap(b"LOGIN %b %b" % (member.name.encode(), member.password.encode()))
        told = [found for line in self.wire.imap(b"SELECT %b" % mailbox.encode()) if (found := _EXISTS.match(line))]
        self.messages = int(told[0][1])
        self.wire.send(b"idle IDLE\r\n")
        self.wire.until(rb"\+")

    def seconds_until_arrival(self) -> float:
        """Wait until one message more is told; returns how long that took."""
        begun, wanted = time.monotonic(), self.messages + 1
        while self.messages < wanted:
            self.messages = int(self.wire.until(_EXISTS.pattern)[-1].split()[1])
        return time.monotonic() - begun

    def __enter__(self) -> Idler:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.wire.close()
