"""Redis away: everything goes on, news are slower, and nothing has to be restarted when it is back."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from integration_tests.stack.idler import Idler
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire
from shared.runtime.settings import ServiceSettings
from shared.testing.eventually import eventually
from shared.testing.undisturbed import undisturbed

MESSAGE = b"From: stranger@example.org\r\nSubject: tea\r\n\r\nAt four?\r\n"
CATCH_UP_SECONDS = 2  # a round of looking is spread over a second, and the machine is busy
NOTICED_SECONDS = 4  # a Redis that hangs has this long to answer a PING
AT_ONCE_SECONDS = 0.5  # by Redis it takes milliseconds, by polling a second on average
AT_ONCE_AGAIN_WITHIN = timedelta(seconds=60)  # five in a row on a machine that stands still now and then
FAILURES_UNTIL_LOCKED = 10


@pytest.fixture
def member(mortal: Stack) -> Member:
    return mortal.new_member()


def _poll_seconds(stack: Stack) -> float:
    value = stack.environment.get("AGORA_POLL_INTERVAL")
    return ServiceSettings.model_validate({"poll_interval": value} if value else {}).poll_interval.total_seconds()


@contextlib.contextmanager
def _hanging(stack: Stack) -> Iterator[None]:
    """Redis accepts connections and never answers."""
    pid = stack.pid("redis")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_mail_flows_on_without_redis(mortal: Stack, member: Member) -> None:
    with mortal.without("redis"):
        begun = time.monotonic()
        member.receive(MESSAGE)
        with member.imap("INBOX") as session:
            assert session.uid("FETCH", "1", "(BODY.PEEK[])")[1][0][1].endswith(MESSAGE)
        with member.pop3() as maildrop:
            assert maildrop.stat()[0] == 1
        assert time.monotonic() - begun < 20


@undisturbed
def test_who_idles_learns_of_arrivals_within_the_poll_interval(mortal: Stack, member: Member) -> None:
    with Idler(member) as idler, mortal.without("redis"):
        seconds = []
        for _ in range(4):
            member.receive(MESSAGE)
            seconds.append(idler.seconds_until_arrival())
    assert sorted(seconds)[-2] < _poll_seconds(mortal) + CATCH_UP_SECONDS  # the machine may stand still in one


def test_news_are_immediate_again_when_redis_is_back(mortal: Stack, member: Member) -> None:
    with Idler(member) as idler:
        with mortal.without("redis"):
            member.receive(MESSAGE)
            idler.seconds_until_arrival()

        def is_told_at_once() -> bool:
            member.receive(MESSAGE)
            return idler.seconds_until_arrival() < AT_ONCE_SECONDS

        # Connections come back within two seconds; five in a row were not found by polling.
        eventually(lambda: all(is_told_at_once() for _ in range(5)), "arrivals are told at once", AT_ONCE_AGAIN_WITHIN)


@pytest.mark.local_only
def test_a_redis_that_hangs_keeps_nobody_waiting(mortal: Stack, member: Member) -> None:
    rounds = [_seconds_while_it_hangs(mortal, member) for _ in range(3)]  # the machine may stand still in one
    to_deliver, to_arrive, to_enter = (min(each) for each in zip(*rounds, strict=True))
    assert to_deliver < 2
    assert to_arrive < _poll_seconds(mortal) + NOTICED_SECONDS + CATCH_UP_SECONDS
    assert to_enter < NOTICED_SECONDS + 2


def _seconds_while_it_hangs(mortal: Stack, member: Member) -> tuple[float, float, float]:
    """Until a message is taken, is told of, and until the mailbox is entered anew."""
    with Idler(member) as idler, _hanging(mortal):
        begun = time.monotonic()
        member.receive(MESSAGE)
        to_deliver = time.monotonic() - begun
        to_arrive = idler.seconds_until_arrival()
        begun = time.monotonic()
        with member.imap("INBOX"):
            to_enter = time.monotonic() - begun
    mortal.wait_until_ready(timedelta(seconds=40))
    return to_deliver, to_arrive, to_enter


def test_guessing_is_stopped_without_redis(mortal: Stack, member: Member) -> None:
    with mortal.without("redis"):
        # An address of its own, so that nobody else is taken for the guesser.
        source = "127.9.9.9" if mortal.kind == "local" else ""
        replies = [_sign_in_by_pop3(member, "wrong", source) for _ in range(FAILURES_UNTIL_LOCKED)]
        assert set(replies) == {b"-ERR [AUTH] these credentials are not valid"}
        assert _sign_in_by_pop3(member, member.password, source).startswith(b"-ERR [SYS/TEMP] too many failed")
    assert mortal.agora("user", "unlock").returncode == 0


def _sign_in_by_pop3(member: Member, password: str, source: str) -> bytes:
    stack = member.stack
    with Wire(stack.pop3s, tls=stack.tls_context(), source=source) as wire:
        wire.line()
        wire.send(b"USER %b\r\nPASS %b\r\n" % (member.name.encode(), password.encode()))
        wire.line()
        return wire.line()
