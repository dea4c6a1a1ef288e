"""Requests that a commit of somebody else overtakes between two statements of their readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from services.wiki.tests.web import Web
from shared.database.transaction import Transaction

T = TypeVar("T")
_STATEMENTS = ("row", "rows", "value", "copy_out")


def overtaken_answers(web: Web, ask: Callable[[], T], change: Callable[[], object]) -> Iterator[T]:
    """What `ask` gives when `change` is made behind its first statement, then behind its second, and so on to its end.

    The statements are those of `Database.read` and `read_snapshot`.
    """
    database = web.parts.database
    left = 0  # statements before the change

    def overtake() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            change()

    def overtaken(read: Any) -> Any:
        async def run(operation: Any, *arguments: Any, **named: Any) -> Any:
            return await read(lambda tx: operation(Overtaken(tx, overtake), *arguments, **named))

        return run

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "read", overtaken(database.read))
        patched.setattr(database, "read_snapshot", overtaken(database.read_snapshot))
        statements = 0
        while left <= 0:
            statements = left = statements + 1
            answer = ask()
            if left <= 0:
                yield answer
    assert statements > 1


class Overtaken:
    """A Transaction behind whose statements `overtake` is called."""

    def __init__(self, tx: Transaction, overtake: Callable[[], None]) -> None:
        self._tx, self._overtake = tx, overtake

    def __getattr__(self, name: str) -> Any:
        there = getattr(self._tx, name)
        if name not in _STATEMENTS:
            return there

        def statement(*arguments: Any) -> Any:
            found = there(*arguments)
            self._overtake()
            return found

        return statement
