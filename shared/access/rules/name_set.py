"""A set of names that may have a million of them: 30 octets for each, and made without looking at each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

PIECE = 64  # names: finding the piece and searching its 1.3 KB take about as long


class NameSet:
    """Names in sorted pieces of text: a piece is found by its first name, a name by searching the piece.

    A set of strings would take 120 octets for each, and the reactor's time to make.
    """

    __slots__ = ("_count", "_firsts", "_pieces")

    def __init__(self, pieces: Sequence[tuple[str, str, int]]) -> None:
        """`pieces`: first name, all names with a newline between them, and how many, sorted by code point."""
        self._firsts = [first for first, _, _ in pieces]
        self._pieces = [f"\n{names}\n" for _, names, _ in pieces]
        self._count = sum(count for _, _, count in pieces)

    def __contains__(self, name: str) -> bool:
        place = bisect_right(self._firsts, name) - 1
        return place >= 0 and f"\n{name}\n" in self._pieces[place]

    def __len__(self) -> int:
        return self._count


def name_set(names: Iterable[str]) -> NameSet:
    """The set of these names, none of which has a newline."""
    ordered = sorted(set(names))
    pieces = (ordered[start : start + PIECE] for start in range(0, len(ordered), PIECE))
    return NameSet([(piece[0], "\n".join(piece), len(piece)) for piece in pieces])
