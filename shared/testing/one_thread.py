"""A connection to Redis belongs to the reactor's thread: who writes to it from another makes replies change places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import format_stack
from typing import Any

import pytest
from twisted.python.threadable import isInIOThread

_MOST_KEPT = 10


@contextmanager
def strays_noted() -> Iterator[list[str]]:
    """Commands to Redis that were sent in another thread than the reactor's, each as the stack that sent it."""
    from shared.events.redis import _Protocol

    strays: list[str] = []

    def noting(method: Any) -> Any:
        def send(*arguments: Any, **named: Any) -> Any:
            if not isInIOThread() and len(strays) < _MOST_KEPT:
                strays.append("".join(format_stack(limit=12)))
            return method(*arguments, **named)

        return send

    with pytest.MonkeyPatch.context() as patched:
        for name in ("execute_command", "tell"):
            patched.setattr(_Protocol, name, noting(getattr(_Protocol, name)))
        yield strays
