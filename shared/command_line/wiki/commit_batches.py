"""Texts of a wiki in batches, each of which is saved by one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

MOST_TEXTS, MOST_CHARACTERS = 200, 8 << 20  # of a batch; its last text may go beyond
Item = TypeVar("Item")


def commit_batches(items: Iterable[Item], text_of: Callable[[Item], str]) -> Iterator[Sequence[Item]]:
    """The items in order; none is read before the batch before it was taken."""
    gathered: list[Item] = []
    characters = 0
    for item in items:
        gathered.append(item)
        characters += len(text_of(item))
        if len(gathered) >= MOST_TEXTS or characters >= MOST_CHARACTERS:
            yield gathered
            gathered, characters = [], 0
    if gathered:
        yield gathered
