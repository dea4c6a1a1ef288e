"""The part of a reactor that tells the time: IReactorTime, in words that mypy understands without a plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Call(Protocol):
    """A call that will be made."""

    def cancel(self) -> None:
        """Make it not."""

    def active(self) -> bool:
        """Whether it is still to be made."""


class Clock(Protocol):
    """The reactor, or `twisted.internet.task.Clock` in tests."""

    def seconds(self) -> float:
        """The time, from some beginning."""

    def callLater(self, delay: float, callable: Callable[..., object], /, *args: object) -> Call:
        """Call once `delay` seconds from now."""
