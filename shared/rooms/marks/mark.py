"""The marks of an account in a room: ranges of numbers for each flag, and the flags that they give to articles."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from shared.folders.flags import ANSWERED, DELETED, FLAGGED, SEEN
from shared.folders.packed import unsigned_32

# The columns of `mark`, and the flag that each stands for; the most common one first.
COLUMNS: tuple[tuple[str, int], ...] = (
    ("seen", SEEN), ("flagged", FLAGGED), ("answered", ANSWERED), ("deleted", DELETED),
)  # fmt: skip
MARKS_MASK = SEEN | FLAGGED | ANSWERED | DELETED  # all flags that can be marked

_FEW = 16  # times as many ranges as articles: looking each article up is quicker


def packed(multirange: str) -> str:
    """SQL for the ranges of a multirange as one bytea, which `Marks` reads."""
    return f"(SELECT string_agg(int4send(lower(span)) || int4send(upper(span)), '') FROM unnest({multirange}) AS span)"


class Marks(NamedTuple):
    """The ranges of each flag, in the order of COLUMNS: where one begins, where it ends (not in it), and so on."""

    ranges: Sequence[array[int]]  # 'I', ascending

    @classmethod
    def read(cls, columns: Iterable[bytes | None]) -> Marks:
        """From `packed` columns."""
        return cls([unsigned_32(column) for column in columns])

    def spans(self, flag: int) -> list[tuple[int, int]]:
        """The numbers that have `flag`, in ascending spans, both ends included."""
        [ranges] = [each for each, (_, bit) in zip(self.ranges, COLUMNS, strict=True) if bit == flag]
        return [(ranges[at], ranges[at + 1] - 1) for at in range(0, len(ranges), 2)]

    def count_seen(self, uids: array[int]) -> int:
        """How many of some ascending numbers are in the ranges of what is seen."""
        return sum(last - first for first, last in places(self.ranges[0], uids))

    def flags_of(self, uids: array[int]) -> array[int]:
        """A mask for each of some ascending numbers."""
        flags = array("q", bytes(8 * len(uids)))
        for ranges, (_, bit) in zip(self.ranges, COLUMNS, strict=True):
            if len(uids) * _FEW < len(ranges):
                for at, uid in enumerate(uids):
                    if is_in(ranges, uid):
                        flags[at] |= bit
                continue
            for first, last in places(ranges, uids):
                if bit == SEEN:  # comes first: all others are 0 yet
                    flags[first:last] = array("q", [SEEN]) * (last - first)
                else:
                    flags[first:last] = array("q", [mask | bit for mask in flags[first:last]])
        return flags


def is_in(ranges: array[int], uid: int) -> bool:
    """Whether a number is in one of the ranges."""
    return bisect_right(ranges, uid) & 1 == 1


def places(ranges: array[int], uids: array[int]) -> Iterator[tuple[int, int]]:
    """Where in some ascending numbers each of the ranges lies, without those that have none of them."""
    for at in range(0, len(ranges), 2):
        first = bisect_left(uids, ranges[at])
        last = bisect_left(uids, ranges[at + 1], first)
        if first < last:
            yield first, last


def multirange_of(uids: Iterable[int]) -> str:
    """A parameter for `%s::int4multirange`; what follows upon each other is one range."""
    ranges: list[str] = []
    start = end = -1
    for uid in uids:
        if uid != end:
            if start >= 0:
                ranges.append(f"[{start},{end})")
            start = uid
        end = uid + 1
    if start >= 0:
        ranges.append(f"[{start},{end})")
    return "{" + ",".join(ranges) + "}"
