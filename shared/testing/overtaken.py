"""Transactions that a commit of another overtakes between two of their statements."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from shared.database.connection import open_connection
from shared.database.copy_binary import Row
from shared.database.limits import StoreLimits
from shared.database.prepared import Prepared
from shared.database.transaction import READ_WRITE, Parameters, Transaction


def overtaken(behind: int, meanwhile: Callable[[], object]) -> type[Transaction]:
    """Transactions of which one has `meanwhile` done in it, once: when it has the answer number `behind`.

    `meanwhile` has a connection of its own, and must want nothing that the transaction has locked by then.
    """
    answers = 0

    def count() -> None:
        nonlocal answers
        answers += 1
        if answers == behind:
            meanwhile()

    class Overtaken(Transaction):
        def row(self, sql: str | Prepared, parameters: Parameters = ()) -> tuple[Any, ...] | None:
            found = super().row(sql, parameters)
            count()
            return found

        def rows(self, sql: str | Prepared, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
            found = super().rows(sql, parameters)
            count()
            return found

        def value(self, sql: str | Prepared, parameters: Parameters = ()) -> Any:
            found = super().value(sql, parameters)
            count()
            return found

        def copy_out(self, query: str, parameters: Parameters = ()) -> list[Row]:
            found = super().copy_out(query, parameters)
            count()
            return found

    return Overtaken


@contextlib.contextmanager
def overtaken_transaction(
    url: str, behind: int, meanwhile: Callable[[], object], begin: str = READ_WRITE, *, commit: bool = True
) -> Iterator[Transaction]:
    """A transaction that `meanwhile` overtakes behind its answer number `behind`; committed at the end if `commit`."""
    with contextlib.closing(open_connection(url, StoreLimits(), "tests")) as connection:
        tx = overtaken(behind, meanwhile)(connection, begin)
        yield tx
        if commit:
            tx.commit()
