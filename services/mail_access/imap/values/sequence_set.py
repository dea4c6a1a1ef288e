"""A set of message numbers or UIDs as the client wrote it (RFC 3501 §9, sequence-set)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

NO_UIDS = array("I")
STAR = 1 << 32  # "*": numbers are unsigned 32-bit, so this is greater than every one of them
_PIECE_NUMBERS = 1000  # rendered in one go: about a millisecond


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges in the order sent; `STAR` stands for the largest number in use."""

    ranges: tuple[tuple[int, int], ...]

    @property
    def largest_named(self) -> int:
        """The greatest number that was written out, 0 if there is only `*`."""
        return max(filter(STAR.__gt__, chain.from_iterable(self.ranges)), default=0)

    @property
    def names_largest(self) -> bool:
        return STAR in chain.from_iterable(self.ranges)

    def resolve(self, largest: int) -> list[tuple[int, int]]:
        """Ascending, disjoint, inclusive ranges; `*` is `largest`, even if that makes `n:*` run downwards."""
        return merge(self.each(largest))

    def each(self, largest: int) -> Iterator[tuple[int, int]]:
        """The ranges one by one in the order sent, inclusive, the lower number first."""
        for low, high in self.ranges:
            first, last = largest if low == STAR else low, largest if high == STAR else high
            yield (first, last) if first <= last else (last, first)


def merge(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort ranges, whichever way round each is, and join those that overlap or touch."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted((min(pair), max(pair)) for pair in pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def ranges_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers as inclusive ranges, in their order."""
    first = last = -1
    for number in numbers:
        if number != last + 1:
            if last >= 0:
                yield first, last
            first = number
        last = number
    if last >= 0:
        yield first, last


def render_set(numbers: Iterable[int]) -> bytes:
    """Numbers in the wire's shortest form, runs joined, e.g. b"1:3,7"; empty for none.

    The order is kept, which is what pairs up one to one in COPYUID (RFC 4315 §3).
    """
    return b",".join(map(_render_range, ranges_of(numbers)))


def set_pieces(numbers: Sequence[int]) -> Iterator[bytes]:
    """The same for ascending numbers, in pieces that are soon made, some of them empty."""
    first = last = -1  # the range that is not given out yet
    comma = b""
    for start in range(0, len(numbers), _PIECE_NUMBERS):
        pieces: list[bytes] = []
        for low, high in ranges_of(numbers[start : start + _PIECE_NUMBERS]):
            if low == last + 1 and first >= 0:
                last = high
                continue
            if first >= 0:
                pieces.append(_render_range((first, last)))
            first, last = low, high
        if pieces:
            yield comma + b",".join(pieces)
            comma = b","
        else:
            yield b""
    if first >= 0:
        yield comma + _render_range((first, last))


def _render_range(ends: tuple[int, int]) -> bytes:
    low, high = ends
    return b"%d" % low if low == high else b"%d:%d" % (low, high)
