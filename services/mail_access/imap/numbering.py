"""The messages of a selected mailbox in the order that this session's client numbers them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress

from services.mail_access.imap.flag_sets import LOW_OCTET, MOST_OCTET, MOST_SMALL, FlagSets

AT_ONCE = 1000  # messages worked on between two looks at the clock: about a millisecond
_COPIED_AT_ONCE = 16 * 1024  # messages copied from array to array, which takes as long
_UNUSED_SETS = 4096  # flag sets that no message may have before they are looked for and dropped


class Numbering:
    """Position i holds message number i + 1. 14 octets a message: UID, message id, number of its flag set.

    UIDs ascend. It sends nothing: the caller that changes it must tell the client of the change before anything else is
    sent. A method that gives an iterator works through a whole mailbox: its caller takes the steps, and lets others
    have their turn in between. Only one session's coroutine ever changes a numbering, and it takes all steps before it
    does anything else.
    """

    __slots__ = ("flag_numbers", "flag_sets", "message_ids", "uids")

    def __init__(self, uids: array[int], message_ids: array[int], masks: Sequence[int], flag_sets: FlagSets) -> None:
        self.uids = array("I")
        self.message_ids = array("q")
        self.flag_sets = flag_sets
        self.flag_numbers = array("H")
        for start in range(0, len(uids), _COPIED_AT_ONCE):
            stop = start + _COPIED_AT_ONCE
            self.extend(uids[start:stop], message_ids[start:stop], masks[start:stop])

    def __len__(self) -> int:
        return len(self.uids)

    def position(self, uid: int) -> int | None:
        at = bisect_left(self.uids, uid)
        return at if at < len(self.uids) and self.uids[at] == uid else None

    def first_from(self, uid: int) -> int:
        """The position of the first message whose UID is not less."""
        return bisect_left(self.uids, uid)

    def mask(self, position: int) -> int:
        return self.flag_sets.masks[self.flag_numbers[position]]

    def positions(self, uids: array[int]) -> Iterable[int | None]:
        """The same for ascending UIDs, of which there is one at least; those of neighbours are found at once."""
        first = self.first_from(uids[0])
        if self.uids[first : first + len(uids)] == uids:
            return range(first, first + len(uids))
        return map(self.position, uids)

    def having(self, bit: int) -> bytes:
        """An octet for each message: 1 if it has the flag, else 0."""
        masks = self.flag_sets.masks
        if len(masks) <= MOST_OCTET and self.flag_numbers.typecode == "H":
            table = bytes([mask & bit != 0 for mask in masks]).ljust(256, b"\0")
            return self.flag_numbers.tobytes()[LOW_OCTET::2].translate(table)
        has_it = bytes([mask & bit != 0 for mask in masks])
        return bytes(map(has_it.__getitem__, self.flag_numbers))

    def count(self, bit: int) -> int:
        """How many messages have a flag."""
        return self.having(bit).count(1)

    def set_mask(self, position: int, mask: int) -> None:
        number = self.flag_sets.number(mask)
        if number > MOST_SMALL and self.flag_numbers.typecode == "H":
            self.flag_numbers = array("I", self.flag_numbers)
        self.flag_numbers[position] = number

    def extend(self, uids: Iterable[int], message_ids: Iterable[int], masks: Sequence[int]) -> None:
        """New messages at the end; their UIDs are greater than all before."""
        self._add_numbers(self.flag_sets.numbers(masks))
        self.uids.extend(uids)
        self.message_ids.extend(message_ids)

    def add_flag_from(self, position: int, bit: int) -> None:
        """Give a flag to all messages from this one on."""
        behind = self.flag_numbers[position:]
        del self.flag_numbers[position:]
        self._add_numbers(self.flag_sets.with_flag(behind, bit))

    def _add_numbers(self, numbers: array[int]) -> None:
        if len(self.flag_sets.masks) > MOST_SMALL + 1 and self.flag_numbers.typecode == "H":
            self.flag_numbers = array("I", self.flag_numbers)
        same_width = numbers.typecode == self.flag_numbers.typecode
        self.flag_numbers.extend(numbers if same_width else iter(numbers))

    def removing(self, positions: Sequence[int]) -> Iterator[None]:
        """Take out messages at ascending positions; those behind move up, all in the last step."""
        if len(positions) == 1:
            for row in (self.uids, self.message_ids, self.flag_numbers):
                del row[positions[0]]
            return
        stays = bytearray(b"\1") * len(self.uids)
        for start in range(0, len(positions), AT_ONCE):
            for position in positions[start : start + AT_ONCE]:
                stays[position] = 0
            yield
        left: list[array[int]] = []
        for row in (self.uids, self.message_ids, self.flag_numbers):
            left.append(array(row.typecode))
            for start in range(0, len(row), _COPIED_AT_ONCE):
                stop = start + _COPIED_AT_ONCE
                left[-1].extend(compress(row[start:stop], stays[start:stop]))
                yield
        self.uids, self.message_ids, self.flag_numbers = left

    def forgetting(self) -> Iterator[None]:
        """Drop the flag sets that no message has any more, if they are many."""
        if len(self.flag_sets.masks) <= len(self.uids) + _UNUSED_SETS:
            return
        masks, numbers = self.flag_sets.masks, self.flag_numbers
        flag_sets, flag_numbers = FlagSets(self.flag_sets.keywords), array(numbers.typecode)
        for start in range(0, len(numbers), AT_ONCE):
            flag_numbers.extend(iter(flag_sets.numbers([masks[at] for at in numbers[start : start + AT_ONCE]])))
            yield
        self.flag_sets, self.flag_numbers = flag_sets, flag_numbers

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
    return array("I", chain.from_iterable([range(start, stop) for start, stop in spans]))
