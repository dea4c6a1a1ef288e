"""Tests whose claim about time cannot be judged while the machine stands still."""

from __future__ import annotations

import functools
import inspect
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, ParamSpec

from shared.testing.reactor import run_in_reactor

P = ParamSpec("P")

LOOK_SECONDS = 0.02
STALL_SECONDS = 0.3  # a thread that sleeps for 20 ms wakes after so long where a machine is stopped, or much too busy
MOST_ROUNDS = 5


class Stalls:
    """While it is entered, a thread looks how long the machine leaves it waiting: `longest_seconds`, afterwards."""

    def __init__(self) -> None:
        self.longest_seconds = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="stalls", daemon=True)

    def __enter__(self) -> Stalls:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        last, is_over = time.monotonic(), False
        while not is_over:
            is_over = self._over.wait(LOOK_SECONDS)
            now = time.monotonic()
            self.longest_seconds = max(self.longest_seconds, now - last)
            last = now


def undisturbed(test: Callable[P, Any]) -> Callable[P, None]:
    """Decorates a test that sets a limit of time to what should take a fraction of it: a coroutine function, too.

    A failure counts if the machine did not stall meanwhile; after a stall the test is run again, at most five times.
    So the test makes anew what it changes. One that fails by itself fails at once.
    """
    run = run_in_reactor(test) if inspect.iscoroutinefunction(test) else test

    @functools.wraps(run)
    def run_again(*arguments: P.args, **named: P.kwargs) -> None:
        for _ in range(MOST_ROUNDS - 1):
            stalls = Stalls()
            try:
                with stalls:
                    run(*arguments, **named)
                return
            except Exception:
                if stalls.longest_seconds < STALL_SECONDS:
                    raise
        run(*arguments, **named)

    return run_again
