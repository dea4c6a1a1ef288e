"""PostgreSQL for a program without a reactor: the same operations, on a connection for each, in the calling thread."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import NO_TRANSACTION, READ_WRITE, SNAPSHOT, Transaction

P = ParamSpec("P")
Result = TypeVar("Result")


class BlockingDatabase:
    """Connects for each operation. An operation that fails is not repeated: the caller gets psycopg2's errors."""

    def __init__(self, url: str, name: str, announce: Callable[[Sequence[Any]], object] | None = None) -> None:
        """`url` includes the password. `announce` gets the events of a transaction after its commit, if it has any."""
        self._url = url
        self._name = name
        self._announce = announce

    def transact(
        self, operation: Callable[Concatenate[Transaction, P], Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """Run `operation` in one transaction, commit it, and announce its events."""
        with self._transaction(READ_WRITE) as tx:
            result = operation(tx, *arguments, **named)
            events = tx.commit()
        if self._announce is not None and events:
            self._announce(events)
        return result

    def read(
        self, operation: Callable[Concatenate[Transaction, P], Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """Run `operation`, which only reads: each statement sees the newest commits."""
        with self._transaction(NO_TRANSACTION) as tx:
            return operation(tx, *arguments, **named)

    def read_snapshot(
        self, operation: Callable[Concatenate[Transaction, P], Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """The same, with all its statements seeing the store at one moment."""
        with self._transaction(SNAPSHOT) as tx:
            return operation(tx, *arguments, **named)

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        with contextlib.closing(open_connection(self._url, StoreLimits(), self._name)) as connection:
            yield Transaction(connection, begin)
