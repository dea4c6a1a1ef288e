"""Work that nobody awaits: what becomes of its failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from shared.errors import DomainError
from shared.runtime.spawn import spawn


class StoreAway(DomainError):
    """Something that happens."""


@pytest.fixture
def events() -> Iterator[list[LogEvent]]:
    seen: list[LogEvent] = []
    observer: Any = seen.append
    globalLogPublisher.addObserver(observer)
    yield seen
    globalLogPublisher.removeObserver(observer)


async def _fail(error: Exception) -> None:
    raise error


def test_a_bug_is_logged_with_its_traceback(events: list[LogEvent]) -> None:
    spawn(_fail(ZeroDivisionError()), "counting")
    assert [event["log_level"] for event in events] == [LogLevel.critical]
    assert "log_failure" in events[0]


def test_a_fact_is_one_line(events: list[LogEvent]) -> None:
    spawn(_fail(StoreAway("no answer")), "renewing")
    assert [event["log_level"] for event in events] == [LogLevel.warn]
    assert "log_failure" not in events[0]
    assert "no answer" in events[0]["reason"]


def test_cancelled_work_is_not_worth_a_word(events: list[LogEvent]) -> None:
    async def wait() -> None:
        await Deferred()

    spawn(wait(), "waiting").cancel()
    spawn(_fail(CancelledError()), "waiting")
    assert not events
