"""The service's database for a command that runs in a thread: it waits for the reactor, and Ctrl-C ends the wait."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from queue import SimpleQueue
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from services.ssh_admin.streams import CommandInterrupted
from shared.database.database import Database
from shared.database.transaction import Transaction

P = ParamSpec("P")
Result = TypeVar("Result")


class StoreInThread:
    """Has `transact` and `read` of a BlockingDatabase; a service's connections, repeats and announcements."""

    def __init__(self, database: Database, call: Callable[..., None]) -> None:
        """`call` runs a function in the reactor."""
        self._database = database
        self._call = call
        self._waiting: SimpleQueue[Any] | None = None
        self._interrupted = False

    def transact(
        self, operation: Callable[Concatenate[Transaction, P], Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """Run `operation` in one transaction, commit it, and announce its events."""
        return self._wait(lambda: self._database.transact(operation, *arguments, **named))

    def read(
        self, operation: Callable[Concatenate[Transaction, P], Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """Run `operation`, which only reads: each statement sees the newest commits."""
        return self._wait(lambda: self._database.read(operation, *arguments, **named))

    def interrupt(self) -> None:
        """Whoever waits is interrupted; what was asked of the store may be done all the same."""
        self._interrupted = True
        if self._waiting is not None:
            self._waiting.put(Failure(CommandInterrupted()))

    def _wait(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        if self._interrupted:
            raise CommandInterrupted
        waiting: SimpleQueue[Any] = SimpleQueue()
        self._waiting = waiting
        self._call(lambda: Deferred.fromCoroutine(work()).addBoth(waiting.put))
        outcome: Result | Failure = waiting.get()
        self._waiting = None
        if isinstance(outcome, Failure):
            outcome.raiseException()
            raise AssertionError
        return outcome
