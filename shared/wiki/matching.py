"""Matching two sequences of lines: which runs of them are the same, in bounded time.

Lines that stand once in both are matched first, in the longest order that both have ("patience diff", Bram Cohen);
between them Myers' algorithm finds the shortest edit ("An O(ND) Difference Algorithm and Its Variations", 1986). When
the budget is used up, what is left is taken for different: a coarser answer, and still a right one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

BUDGET = 1_000_000  # lines looked at, and steps of Myers' algorithm: about half a second

_Segment = tuple[int, int, int, int]  # from, to in the one sequence; from, to in the other


class Run(NamedTuple):
    """`length` lines from `a` on in the one sequence are those from `b` on in the other."""

    a: int
    b: int
    length: int


def matching_runs(a: Sequence[Hashable], b: Sequence[Hashable], budget: int = BUDGET) -> Sequence[Run]:
    """The runs in order, as long as they can be."""
    return _Matching(a, b, budget).runs()


class _Matching:
    def __init__(self, a: Sequence[Hashable], b: Sequence[Hashable], budget: int) -> None:
        numbers: dict[Hashable, int] = {}
        self._a = [numbers.setdefault(line, len(numbers)) for line in a]
        self._b = [numbers.setdefault(line, len(numbers)) for line in b]
        self._budget = budget
        self._found: list[Run] = []

    def runs(self) -> Sequence[Run]:
        pending: list[_Segment] = [(0, len(self._a), 0, len(self._b))]
        while pending:
            pending += self._match(*pending.pop())
        joined: list[Run] = []
        for run in sorted(self._found):
            if joined and _is_next(joined[-1], run):
                joined[-1] = joined[-1]._replace(length=joined[-1].length + run.length)
            else:
                joined.append(run)
        return joined

    def _match(self, a: int, a_end: int, b: int, b_end: int) -> Sequence[_Segment]:
        """Match what is clear; the segments that are left to match."""
        begin = a
        while a < a_end and b < b_end and self._a[a] == self._b[b]:
            a, b = a + 1, b + 1
        if a > begin:
            self._found.append(Run(begin, b - (a - begin), a - begin))
        end = a_end
        while a < a_end and b < b_end and self._a[a_end - 1] == self._b[b_end - 1]:
            a_end, b_end = a_end - 1, b_end - 1
        if a_end < end:
            self._found.append(Run(a_end, b_end, end - a_end))
        if a == a_end or b == b_end:
            return ()
        self._budget -= a_end - a + b_end - b
        if self._budget <= 0:
            return ()
        anchors = self._anchors(a, a_end, b, b_end)
        if not anchors:
            self._found += self._shortest_edit(a, a_end, b, b_end)
            return ()
        segments: list[_Segment] = []
        for anchor_a, anchor_b in anchors:
            segments.append((a, anchor_a, b, anchor_b))
            self._found.append(Run(anchor_a, anchor_b, 1))
            a, b = anchor_a + 1, anchor_b + 1
        segments.append((a, a_end, b, b_end))
        return segments

    def _anchors(self, a: int, a_end: int, b: int, b_end: int) -> Sequence[tuple[int, int]]:
        """The lines that stand once in both segments, as many as stand in the same order."""
        in_b = _once(self._b, b, b_end)
        pairs = [(place, in_b[line]) for line, place in _once(self._a, a, a_end).items() if line in in_b]
        return _longest_ascending(pairs)

    def _shortest_edit(self, a: int, a_end: int, b: int, b_end: int) -> Iterator[Run]:
        lines_a, lines_b = self._a, self._b
        m, n = a_end - a, b_end - b
        furthest = {1: 0}  # by diagonal, the furthest line of the one sequence that so many edits reach
        before: list[dict[int, int]] = []
        for edits in range(m + n + 1):
            self._budget -= edits + 1
            if self._budget <= 0:
                return
            before.append(dict(furthest))
            for diagonal in range(-edits, edits + 1, 2):
                down = diagonal == -edits or (
                    diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
                )
                x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
                y = x - diagonal
                while x < m and y < n and lines_a[a + x] == lines_b[b + y]:
                    x, y = x + 1, y + 1
                furthest[diagonal] = x
                if x >= m and y >= n:
                    yield from _way_back(before, a, b, m, n)
                    return


def _way_back(before: Sequence[dict[int, int]], a: int, b: int, x: int, y: int) -> Iterator[Run]:
    for edits in range(len(before) - 1, -1, -1):
        furthest = before[edits]
        diagonal = x - y
        down = diagonal == -edits or (
            diagonal != edits and furthest.get(diagonal - 1, -1) < furthest.get(diagonal + 1, -1)
        )
        last = diagonal + 1 if down else diagonal - 1
        last_x = furthest[last] if edits else 0
        last_y = last_x - last if edits else 0
        length = min(x - last_x, y - last_y)
        if length > 0:
            yield Run(a + x - length, b + y - length, length)
        x, y = last_x, last_y


def _once(lines: Sequence[int], begin: int, end: int) -> dict[int, int]:
    """The lines that stand once in the segment, with their places, in order."""
    places: dict[int, int] = {}
    for place in range(begin, end):
        places[lines[place]] = -1 if lines[place] in places else place
    return {line: place for line, place in places.items() if place >= 0}


def _longest_ascending(pairs: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Of pairs that ascend by their first number, the most that ascend by the second too."""
    tops: list[int] = []  # the smallest second number that ends an ascending sequence of each length
    at_top: list[int] = []
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(tops, place)
        previous.append(at_top[length - 1] if length else -1)
        if length == len(tops):
            tops.append(place)
            at_top.append(number)
        else:
            tops[length], at_top[length] = place, number
    chosen: list[tuple[int, int]] = []
    number = at_top[-1] if at_top else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = previous[number]
    return chosen[::-1]


def _is_next(run: Run, following: Run) -> bool:
    return (run.a + run.length, run.b + run.length) == (following.a, following.b)
