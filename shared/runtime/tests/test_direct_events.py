"""Readers and writers are called as Twisted calls them, whatever they raise."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.selectreactor import SelectReactor
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from shared.runtime.direct_events import hand_over_directly


class _Reader:
    """One end of a pipe."""

    def __init__(self, reactor: Any, raises: Exception | None = None, when_lost: Exception | None = None) -> None:
        self._end, self._other = os.pipe()
        self._reactor, self._raises, self._when_lost = reactor, raises, when_lost
        self.came: list[bytes] = []
        self.lost: Failure | None = None

    def fileno(self) -> int:
        return self._end

    def doRead(self) -> None:
        if self._raises is not None:
            raise self._raises
        self.came.append(os.read(self._end, 100))

    def connectionLost(self, reason: Failure) -> None:
        self.lost = reason
        self._reactor.removeReader(self)
        if self._when_lost is not None:
            raise self._when_lost

    def logPrefix(self) -> str:
        return "reader"

    def say(self, octets: bytes) -> None:
        os.write(self._other, octets)

    def close(self) -> None:
        os.close(self._end)
        os.close(self._other)


@pytest.fixture
def reactor() -> Iterator[Any]:
    """A reactor of the test's own, which is turned by hand."""
    own = EPollReactor()
    hand_over_directly(own)
    yield own
    for each in own.removeAll():
        if isinstance(each, _Reader):
            each.close()
    own._poller.close()


def _messages(events: Sequence[dict[str, Any]]) -> list[str]:
    """Of the failures: Twisted's own are events of its older log."""
    failures = [event.get("log_failure") or event.get("failure") for event in events]
    return [str(failure.value) for failure in failures if failure is not None]


def test_what_comes_is_read(reactor: Any) -> None:
    readers = [_Reader(reactor), _Reader(reactor)]
    for number, reader in enumerate(readers):
        reactor.addReader(reader)
        reader.say(b"%d" % number)
    reactor.doIteration(None)
    assert [reader.came for reader in readers] == [[b"0"], [b"1"]]


def test_a_reader_that_raises_is_told_that_its_connection_is_lost_and_the_others_are_read(reactor: Any) -> None:
    broken, whole = _Reader(reactor, raises=ValueError("broken reader")), _Reader(reactor)
    for reader in (broken, whole):
        reactor.addReader(reader)
        reader.say(b"x")
    with capturedLogs() as events:
        reactor.doIteration(1)
    assert broken.lost is not None
    assert "broken reader" in _messages(events)
    assert whole.came == [b"x"]
    reactor.doIteration(0)  # the broken one is not asked again
    broken.close()


def test_one_that_cannot_even_take_leave_does_not_keep_the_others_from_being_read(reactor: Any) -> None:
    broken = _Reader(reactor, raises=ValueError("broken reader"), when_lost=KeyError("no leave"))
    whole = _Reader(reactor)
    for reader in (broken, whole):
        reactor.addReader(reader)
        reader.say(b"x")
    with capturedLogs() as events:
        reactor.doIteration(1)
    assert "'no leave'" in _messages(events)
    assert whole.came == [b"x"]
    broken.close()


def test_nothing_that_comes_is_no_event(reactor: Any) -> None:
    reader = _Reader(reactor)
    reactor.addReader(reader)
    reactor.doIteration(0)
    assert reader.came == []


def test_another_kind_of_reactor_stays_as_it_is() -> None:
    other = SelectReactor()
    before = other.doIteration
    hand_over_directly(other)
    assert other.doIteration == before
