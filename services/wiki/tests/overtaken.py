"""Requests that a commit of somebody else overtakes between two of their statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from shared.testing.overtaken import overtaken

T = TypeVar("T")


def overtaken_answers(ask: Callable[[], T], change: Callable[[], object]) -> Iterator[T]:
    """What `ask` gives when `change` is made behind the store's first answer, then behind its second, and so on.

    It ends when `ask` needs no further answer of the store.
    """
    behind, is_changed = 0, True

    def changed() -> None:
        nonlocal is_changed
        is_changed = True
        change()

    with pytest.MonkeyPatch.context() as patched:
        while is_changed:
            behind, is_changed = behind + 1, False
            patched.setattr("shared.database.attempt.Transaction", overtaken(behind, changed))
            answer = ask()
            if is_changed:
                yield answer
    assert behind > 1
