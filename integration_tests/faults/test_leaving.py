"""SIGTERM: what is under way is finished, everybody is told, and the process is gone within 10 s."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from integration_tests.stack.idler import Idler
from integration_tests.stack.process import lives
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.testing.eventually import eventually

GONE_WITHIN_SECONDS = 10
ATTEMPTS = 3  # the machine may stand still in one
PATIENCE = timedelta(seconds=60)
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

    def wait(self) -> float:
        """Return when it is gone, and after how many seconds that was."""
        eventually(lambda: not lives(self.pid), "the process is gone", PATIENCE)
        return time.monotonic() - self._begun


@pytest.fixture
def stack(mortal: Stack) -> Iterator[Stack]:
    """Ready before and after."""
    mortal.wait_until_ready()
    yield mortal
    mortal.wait_until_ready()


def is_gone_in_time(leave: Callable[[Stack], float], stack: Stack) -> bool:
    """Whether a process was, in the quickest of some attempts; everything else has to be right in each."""
    for _ in range(ATTEMPTS):
        if leave(stack) < GONE_WITHIN_SECONDS:
            return True
        stack.wait_until_ready()
    return False


def _smtp(stack: Stack) -> Wire:
    wire = Wire(stack.smtp)
    assert wire.smtp_reply().startswith(b"220 ")
    assert wire.smtp(b"EHLO client.example").startswith(b"250 ")
    return wire


def test_a_message_under_way_is_taken_and_then_comes_421(stack: Stack) -> None:
    assert is_gone_in_time(_leave_with_messages_under_way, stack)


def _leave_with_messages_under_way(stack: Stack) -> float:
    member = stack.new_member()
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
        seconds = leaving.wait()  # although one client never finishes
        assert not stuck.rest().startswith(b"250")
    with member.imap("INBOX") as session:
        assert session.uid("FETCH", "1:*", "(BODY.PEEK[TEXT])")[1][0][1].endswith(b"half\r\nthe second half\r\n")
    return seconds


def test_a_fetch_and_a_retrieval_under_way_are_finished_before_the_last_words(stack: Stack) -> None:
    assert is_gone_in_time(_leave_with_answers_under_way, stack)


def _leave_with_answers_under_way(stack: Stack) -> float:
    member = stack.new_member()
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
        seconds = leaving.wait()
    assert LARGE in by_imap
    assert re.search(rb"\r\nfetch OK .*\r\n\* BYE .*\r\n\Z", by_imap)
    assert LARGE in by_pop3
    assert re.search(rb"\r\n\.\r\n-ERR \[SYS/TEMP\] .*\r\n\Z", by_pop3)
    stack.wait_until_ready()
    with member.pop3() as maildrop:  # the session that was ended has let go of it
        assert maildrop.stat()[0] == 1
    return seconds
