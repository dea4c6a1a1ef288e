"""Regular work while a process serves, such as renewing and tidying."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

from twisted.internet.task import LoopingCall

from shared.runtime.spawn import spawn


def regularly(
    reactor: Any,
    interval: timedelta,
    work: Callable[[], Coroutine[Any, Any, object]],
    what: str,
    before_closing: list[Callable[[], Awaitable[None]]],
) -> None:
    """Do `work` every `interval`, for the first time after one, until the process closes.

    It never runs twice at once; a failure is logged as that of `what`, and the next time it is tried again.
    """
    calls = LoopingCall(lambda: spawn(work(), what))
    calls.clock = reactor
    calls.start(interval.total_seconds(), now=False)

    async def stop() -> None:
        if calls.running:
            calls.stop()

    before_closing.append(stop)
