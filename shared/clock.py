"""The time: the part of a reactor that tells it (IReactorTime, in words that mypy understands), and the day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol


def utc_now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


def utc_day() -> date:
    """Today, as it is counted for (UTC)."""
    return datetime.fromtimestamp(time.time(), UTC).date()


class Call(Protocol):
    """A call that will be made."""

    def cancel(self) -> None:
        """Cancel the call."""

    def active(self) -> bool:
        """Whether it is still to be made."""


class Clock(Protocol):
    """The reactor, or `twisted.internet.task.Clock` in tests."""

    def seconds(self) -> float:
        """The time in seconds since some fixed moment."""

    def callLater(self, delay: float, callable: Callable[..., object], /, *args: object) -> Call:
        """Call once `delay` seconds from now."""
