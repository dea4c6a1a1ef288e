"""Work in a thread of the reactor's own pool, so that the reactor serves others meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

P = ParamSpec("P")
Result = TypeVar("Result")


def in_thread(reactor: Any, work: Callable[P, Result], *arguments: P.args, **named: P.kwargs) -> Deferred[Result]:
    """What `work` returns or raises, once it has ended."""
    return deferToThreadPool(reactor, reactor.getThreadPool(), work, *arguments, **named)
