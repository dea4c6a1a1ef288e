"""SIGTERM: what is under way is finished, everybody is told, and the process is gone within 10 s."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from integration_tests.stack.idler import Idler
from integration_tests.stack.member import Member
from integration_tests.stack.process import lives
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.testing.eventually import eventually

GONE_WITHIN = timedelta(seconds=10)
LARGE = b"From: stranger@example.org\r\nSubject: large\r\n\r\n" + b"0123456789abcdef\r\n" * 333_333

pytestmark = pytest.mark.local_only


class Leaving:
    """A program that was asked to go."""

    def __init__(self, stack: Stack, program: str) -> None:
        pid = stack.pid(program)
        assert pid is not None
        self.pid = pid
        self._begun = time.monotonic()
        os.kill(pid, signal.SIGTERM)

    def wait(self) -> None:
        """Return when it is gone. Fails when it stays for too long."""
        left = GONE_WITHIN.total_seconds() - (time.monotonic() - self._begun)
        eventually(lambda: not lives(self.pid), "the process is gone", timedelta(seconds=left))


@pytest.fixture
def stack(mortal: Stack) -> Iterator[Stack]:
    """Ready before and after."""
    mortal.wait_until_ready()
    yield mortal
    mortal.wait_until_ready()


@pytest.fixture
def member(stack: Stack) -> Member:
    return stack.new_member()


def _smtp(stack: Stack) -> Wire:
    wire = Wire(stack.smtp)
    assert wire.smtp_reply().startswith(b"220 ")
    assert wire.smtp(b"EHLO client.example").startswith(b"250 ")
    return wire


def test_a_message_under_way_is_taken_and_then_comes_421(stack: Stack, member: Member) -> None:
    with _smtp(stack) as busy, _smtp(stack) as silent, _smtp(stack) as stuck:
        for wire in (busy, stuck):
            wire.smtp(b"MAIL FROM:<stranger@example.org>")
            wire.smtp(b"RCPT TO:<%b>" % member.address.encode())
            wire.smtp(b"DATA")
            wire.send(b"Subject: half\r\n\r\nthe first half\r\n")
        leaving = Leaving(stack, "smtp_ingest")
        assert silent.rest().startswith(b"421 4.3.2 ")
        assert busy.smtp(b"the second half\r\n.").startswith(b"250 ")
        assert busy.rest().startswith(b"421 4.3.2 ")
        leaving.wait()  # although one client never finishes
        assert not stuck.rest().startswith(b"250")
    with member.imap("INBOX") as session:
        assert session.uid("FETCH", "1:*", "(BODY.PEEK[TEXT])")[1][0][1].endswith(b"half\r\nthe second half\r\n")


def test_a_fetch_and_a_retrieval_under_way_are_finished_before_the_last_words(stack: Stack, member: Member) -> None:
    member.receive(LARGE)
    name, password, context = member.name.encode(), member.password.encode(), stack.tls_context()
    with (
        Idler(member) as idler,
        Wire(stack.imaps, tls=context, receive_octets=1 << 16) as imap,
        Wire(stack.pop3s, tls=context, receive_octets=1 << 16) as pop3,
    ):
        imap.line()
        imap.imap(b"LOGIN %b %b" % (name, password))
        imap.imap(b"SELECT INBOX")
        imap.send(b"fetch FETCH 1 (BODY.PEEK[])\r\n")
        imap.until(rb"\* 1 FETCH ")
        pop3.send(b"USER %b\r\nPASS %b\r\nRETR 1\r\n" % (name, password))
        pop3.until(rb"\+OK \d+ octets")
        leaving = Leaving(stack, "mail_access")
        assert b"* BYE " in idler.wire.rest()
        with ThreadPoolExecutor() as at_once:
            by_imap, by_pop3 = (each.result() for each in (at_once.submit(imap.rest), at_once.submit(pop3.rest)))
        leaving.wait()
    assert LARGE in by_imap
    assert re.search(rb"\r\nfetch OK .*\r\n\* BYE .*\r\n\Z", by_imap)
    assert LARGE in by_pop3
    assert re.search(rb"\r\n\.\r\n-ERR \[SYS/TEMP\] .*\r\n\Z", by_pop3)
    stack.wait_until_ready()
    with member.pop3() as maildrop:  # the session that was ended has let go of it
        assert maildrop.stat()[0] == 1
