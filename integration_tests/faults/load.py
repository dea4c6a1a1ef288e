"""Many connections that put messages into a stack, whatever happens to it, and write down what it has promised."""

from __future__ import annotations

import imaplib
import random
import re
import smtplib
import threading
import time
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from types import TracebackType
from typing import Any

from integration_tests.faults.ledger import Acknowledged, Ledger
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

PAUSE_SECONDS = 0.01  # after each message: what is kept has to be read again in the end
RETRY_SECONDS = 0.1
ANSWER_SECONDS = 20
SENDER = "stranger@example.org"
_APPENDUID = re.compile(rb"\[APPENDUID \d+ (\d+)\]")


class Writer(threading.Thread):
    """One connection that sends a message, waits for the answer, sends the next; connects again when it is cut off."""

    def __init__(self, name: str, ledger: Ledger, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self._ledger = ledger
        self._chance = random.Random(f"{name} {seed}")
        self._stop_asked = threading.Event()
        self._number = 0

    def run(self) -> None:
        while not self._stop_asked.is_set():
            try:
                with self.connected() as session:
                    self._send_all(session)
            except (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error):
                self._ledger.failed(self.name)
                self._stop_asked.wait(RETRY_SECONDS)

    def _send_all(self, session: Any) -> None:
        while not self._stop_asked.is_set():
            self._ledger.add(self.name, self.send(session, self._message()))
            self._stop_asked.wait(PAUSE_SECONDS)

    def stop(self) -> None:
        self._stop_asked.set()

    def _message(self) -> bytes:
        """A new one, of random size and content; now and then larger than what is kept in one piece."""
        self._number += 1
        lines = self._chance.choice([1, 20, 60, 120, 1200])
        body = b"\r\n".join(self._chance.randbytes(32).hex().encode() for _ in range(lines))
        return b"From: stranger@example.org\r\nSubject: %s %d\r\nMessage-ID: <%d.%s@load.example>\r\n\r\n%s\r\n" % (
            self.name.encode(),
            self._number,
            self._number,
            self.name.encode(),
            body,
        )

    @abstractmethod
    def connected(self) -> AbstractContextManager[Any]:
        """A session to send by."""

    @abstractmethod
    def send(self, session: Any, octets: bytes) -> Sequence[Acknowledged]:
        """Send one message; what comes back was acknowledged. Raises when it was not."""


class SmtpWriter(Writer):
    """By SMTP, to INBOX of one or of several."""

    def __init__(self, name: str, ledger: Ledger, seed: int, stack: Stack, recipients: Sequence[Member]) -> None:
        super().__init__(name, ledger, seed)
        self._stack, self._recipients = stack, recipients

    def connected(self) -> AbstractContextManager[smtplib.SMTP]:
        return smtplib.SMTP(*self._stack.smtp, timeout=ANSWER_SECONDS)

    def send(self, session: smtplib.SMTP, octets: bytes) -> Sequence[Acknowledged]:
        recipients = self.some()
        refused = session.sendmail(SENDER, [each.address for each in recipients], octets)
        return self.acknowledged((each for each in recipients if each.address not in refused), octets)

    def some(self) -> Sequence[Member]:
        """Whom the next message goes to."""
        return self._chance.sample(self._recipients, self._chance.randint(1, len(self._recipients)))

    def acknowledged(self, recipients: Iterable[Member], octets: bytes) -> Sequence[Acknowledged]:
        return [Acknowledged(self.name, each, "INBOX", octets, has_trace=True) for each in recipients]


class LmtpWriter(SmtpWriter):
    """By LMTP, where each recipient has a reply of their own (RFC 2033 §4.2); smtplib reads the first."""

    def connected(self) -> AbstractContextManager[smtplib.LMTP]:
        return smtplib.LMTP(*self._stack.lmtp, timeout=ANSWER_SECONDS)

    def send(self, session: smtplib.SMTP, octets: bytes) -> Sequence[Acknowledged]:
        session.ehlo_or_helo_if_needed()
        _require_250(session.mail(SENDER))
        recipients = self.some()
        for each in recipients:
            _require_250(session.rcpt(each.address))
        replies = [session.data(octets), *(session.getreply() for _ in recipients[1:])]
        taken = [each for each, (code, _) in zip(recipients, replies, strict=True) if code == 250]
        if not taken:
            _require_250(replies[0])
        return self.acknowledged(taken, octets)


def _require_250(reply: tuple[int, bytes]) -> None:
    if reply[0] != 250:
        raise smtplib.SMTPResponseException(*reply)


class AppendWriter(Writer):
    """By IMAP APPEND, to one folder."""

    def __init__(self, name: str, ledger: Ledger, seed: int, member: Member, folder: str) -> None:
        super().__init__(name, ledger, seed)
        self._member, self._folder = member, folder

    def connected(self) -> AbstractContextManager[imaplib.IMAP4]:
        return self._member.imap()

    def send(self, session: imaplib.IMAP4, octets: bytes) -> Sequence[Acknowledged]:
        status, answer = session.append(self._folder, None, None, octets)
        if status != "OK":
            raise session.error(answer)
        told = _APPENDUID.search(answer[0])
        assert told is not None, answer
        return [Acknowledged(self.name, self._member, self._folder, octets, has_trace=False, uid=int(told[1]))]


class Load:
    """Two connections by SMTP, one by LMTP, two by IMAP, to two members."""

    def __init__(self, stack: Stack, members: Sequence[Member], seed: int) -> None:
        self.ledger = Ledger()
        first, second = members
        self._writers: Sequence[Writer] = [
            SmtpWriter("smtp-1", self.ledger, seed, stack, members),
            SmtpWriter("smtp-2", self.ledger, seed, stack, members),
            LmtpWriter("lmtp", self.ledger, seed, stack, members),
            AppendWriter("append-inbox", self.ledger, seed, first, "INBOX"),
            AppendWriter("append-archive", self.ledger, seed, second, "Archive"),
        ]

    def wait_for_progress(self, timeout: timedelta) -> None:
        """Return when every connection has had a message acknowledged. Raises TimeoutError naming who has not."""
        before = dict(self.ledger.by_writer)
        deadline = time.monotonic() + timeout.total_seconds()
        while stuck := [
            each.name for each in self._writers if self.ledger.by_writer[each.name] == before.get(each.name, 0)
        ]:
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"no message was taken within {timeout.total_seconds():.0f} s from {', '.join(stuck)}"
                )
            time.sleep(0.02)

    def __enter__(self) -> Load:
        for writer in self._writers:
            writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with ExitStack() as ended:
            for writer in self._writers:
                writer.stop()
                ended.callback(writer.join, ANSWER_SECONDS * 2)
