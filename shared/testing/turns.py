"""Long work run to its end in a test that has no reactor, with turns as short as can be."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from shared.give_way import Turns

T = TypeVar("T")


class _Counted(Turns):
    gave_way = 0

    async def give_way(self) -> None:
        self.gave_way += 1
        await super().give_way()


def in_turns(work: Callable[[Turns], Coroutine[Any, Any, T]]) -> tuple[T, int]:
    """The result of the work, which gives way wherever it can, and how often it did. Raises what the work raises."""
    clock, ended = Clock(), list[T | Failure]()
    turns = _Counted(clock, seconds=0)
    Deferred.fromCoroutine(work(turns)).addBoth(ended.append)
    clock.advance(0)
    (result,) = ended
    if isinstance(result, Failure):
        result.raiseException()
    return result, turns.gave_way
