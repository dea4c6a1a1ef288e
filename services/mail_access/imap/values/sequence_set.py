"""A set of message numbers or UIDs as the client wrote it (RFC 3501 §9, sequence-set)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STAR = 1 << 32  # "*": numbers are unsigned 32-bit, so this is greater than every one of them


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges in the order sent; `STAR` stands for the largest number in use."""

    ranges: tuple[tuple[int, int], ...]

    @property
    def largest_named(self) -> int:
        """The greatest number that was written out, 0 if there is only `*`."""
        return max((number for pair in self.ranges for number in pair if number != STAR), default=0)

    @property
    def names_largest(self) -> bool:
        return any(STAR in pair for pair in self.ranges)

    def resolve(self, largest: int) -> list[tuple[int, int]]:
        """Ascending, disjoint, inclusive ranges; `*` is `largest`, even if that makes `n:*` run downwards."""
        return merge(
            (min(low, largest) if low == STAR else low, largest if high == STAR else high) for low, high in self.ranges
        )


def merge(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort ranges, whichever way round each is, and join those that overlap or touch."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted((min(pair), max(pair)) for pair in pairs):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def ranges_of(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Ascending numbers as inclusive ranges."""
    ranges: list[tuple[int, int]] = []
    first = last = -1
    for number in numbers:
        if number != last + 1:
            if last >= 0:
                ranges.append((first, last))
            first = number
        last = number
    if last >= 0:
        ranges.append((first, last))
    return ranges


def render_set(numbers: Iterable[int]) -> bytes:
    """Ascending numbers in the wire's shortest form, e.g. b"1:3,7"; empty for none."""
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in ranges_of(numbers))


def render_set_in_order(numbers: Iterable[int]) -> bytes:
    """Numbers in the order given, runs joined: what pairs up one to one in COPYUID (RFC 4315 §3)."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in runs)
