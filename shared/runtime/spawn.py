"""Work that nobody awaits, started so that its failure is logged."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from shared.errors import DomainError

_log = Logger()
Result = TypeVar("Result")


def spawn(coroutine: Coroutine[Deferred[Any], Any, Result], what: str) -> Deferred[Result | None]:
    """Run `coroutine`; a failure is logged as the failure of `what` and goes no further.

    A DomainError is a fact (the store is away), logged in one line; anything else is a bug, logged with its traceback.
    The Deferred fires when the work has ended, with None if it failed; cancelling it cancels the work.
    """
    started: Deferred[Result | None] = Deferred.fromCoroutine(coroutine)
    return started.addErrback(_log_failure, what)


def _log_failure(failure: Failure, what: str) -> None:
    if failure.check(CancelledError):
        return
    if failure.check(DomainError):
        _log.warn("{what} failed: {reason}", what=what, reason=repr(failure.value))
    else:
        _log.failure("{what} failed", failure, what=what)
