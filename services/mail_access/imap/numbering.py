"""The messages of a selected mailbox in the order that this session's client numbers them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from services.mail_access.imap.flag_sets import FlagSets

_MOST_SMALL = 0xFFFF  # flag set numbers that fit array('H')


class Numbering:
    """Position i holds message number i + 1. 14 octets a message: UID, message id, number of its flag set.

    UIDs ascend. Nothing here talks to anyone: whoever changes it tells the client in the same breath.
    """

    __slots__ = ("flag_numbers", "flag_sets", "message_ids", "uids")

    def __init__(self, uids: array[int], message_ids: array[int], masks: Iterable[int], flag_sets: FlagSets) -> None:
        self.uids = uids
        self.message_ids = message_ids
        self.flag_sets = flag_sets
        self.flag_numbers = _compact(flag_sets.numbers(masks), flag_sets)

    def __len__(self) -> int:
        return len(self.uids)

    def position(self, uid: int) -> int | None:
        at = bisect_left(self.uids, uid)
        return at if at < len(self.uids) and self.uids[at] == uid else None

    def mask(self, position: int) -> int:
        return self.flag_sets.masks[self.flag_numbers[position]]

    def count(self, bit: int) -> int:
        """How many messages have a flag."""
        numbers = [number for number, mask in enumerate(self.flag_sets.masks) if mask & bit]
        return sum(map(self.flag_numbers.count, numbers))

    def set_mask(self, position: int, mask: int) -> None:
        number = self.flag_sets.number(mask)
        if number > _MOST_SMALL and self.flag_numbers.typecode == "H":
            self.flag_numbers = array("I", self.flag_numbers)
        self.flag_numbers[position] = number

    def extend(self, uids: Sequence[int], message_ids: Sequence[int], masks: Sequence[int]) -> None:
        """New messages at the end; their UIDs are greater than all before."""
        start = len(self.uids)
        self.uids.extend(uids)
        self.message_ids.extend(message_ids)
        self.flag_numbers.extend([0] * len(uids))
        for position, mask in enumerate(masks, start):
            self.set_mask(position, mask)

    def remove(self, positions: Sequence[int]) -> None:
        """Take out messages at ascending positions; those behind move up. One pass, however many they are."""
        if len(positions) == 1:
            for row in (self.uids, self.message_ids, self.flag_numbers):
                del row[positions[0]]
            return
        bounds = [-1, *positions, len(self.uids)]
        kept = [(low + 1, high) for low, high in pairwise(bounds) if low + 1 < high]
        for name in ("uids", "message_ids", "flag_numbers"):
            row = getattr(self, name)
            left = array(row.typecode)
            for low, high in kept:
                left.extend(row[low:high])
            setattr(self, name, left)

    def spans_of_numbers(self, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Message number ranges as half-open spans of positions, cut to what there is."""
        count = len(self.uids)
        spans = ((max(low, 1) - 1, min(high, count)) for low, high in ranges)
        return [(start, stop) for start, stop in spans if start < stop]

    def spans_of_uids(self, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """UID ranges as half-open spans of positions; UIDs that are not there count for nothing."""
        uids = self.uids
        spans = ((bisect_left(uids, low), bisect_right(uids, high)) for low, high in ranges)
        return [(start, stop) for start, stop in spans if start < stop]


def positions_in(spans: Sequence[tuple[int, int]]) -> Sequence[int]:
    """All positions of ascending spans: a range if they are one run, which is quick to work on."""
    if len(spans) == 1:
        return range(*spans[0])
    return list(chain.from_iterable(range(start, stop) for start, stop in spans))


def _compact(numbers: list[int], flag_sets: FlagSets) -> array[int]:
    return array("H" if len(flag_sets.masks) <= _MOST_SMALL + 1 else "I", numbers)
