"""A selected mailbox's arrays, against plain lists."""

from __future__ import annotations

import sys
from array import array
from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from services.mail_access.imap.flag_sets import RENDERED_OCTETS, FlagSets
from services.mail_access.imap.numbering import Numbering, positions_in
from services.mail_access.imap.values.flags import RECENT, STORED


def numbering(uids: list[int], masks: list[int] | None = None) -> Numbering:
    masks = masks or [0] * len(uids)
    return Numbering(array("I", uids), array("q", [uid * 10 for uid in uids]), masks, FlagSets({5: "Work"}))


_UIDS = st.sets(st.integers(1, 60), max_size=30).map(sorted)


@given(_UIDS, st.data())
def test_removing_is_what_it_is_for_lists(uids: list[int], data: st.DataObject) -> None:
    held = numbering(uids, [uid % 4 for uid in uids])
    gone = data.draw(st.sets(st.sampled_from(uids)).map(sorted)) if uids else []
    positions = [uids.index(uid) for uid in gone]
    if positions:
        deque(held.removing(positions), maxlen=0)
    left = [uid for uid in uids if uid not in gone]
    assert list(held.uids) == left
    assert list(held.message_ids) == [uid * 10 for uid in left]
    assert [held.mask(at) for at in range(len(left))] == [uid % 4 for uid in left]


@given(_UIDS, st.lists(st.tuples(st.integers(1, 70), st.integers(1, 70)).map(sorted), max_size=1))
def test_spans_hold_the_uids_in_the_ranges(uids: list[int], ranges: list[list[int]]) -> None:
    held = numbering(uids)
    spans = held.spans_of_uids([(low, high) for low, high in ranges])
    wanted = [uid for uid in uids if any(low <= uid <= high for low, high in ranges)]
    assert [uids[at] for at in positions_in(spans)] == wanted


def test_a_message_costs_at_most_sixteen_octets() -> None:
    held = numbering(list(range(1, 100_001)), [number % 30 for number in range(100_000)])
    held.extend(range(100_001, 110_001), range(10_000), [1] * 10_000)
    octets = sum(map(sys.getsizeof, (held.uids, held.message_ids, held.flag_numbers)))
    assert octets / len(held) <= 16


def test_more_combinations_than_a_short_number_holds() -> None:
    held = numbering([1, 2], [0, 1])
    held.extend(range(3, 70_003), range(70_000), [number << 6 for number in range(1, 70_001)])
    assert held.mask(70_001) == 70_000 << 6
    assert held.mask(1) == 1
    assert held.flag_numbers.typecode == "I"


def test_flags_are_rendered_with_the_keywords_of_the_folder() -> None:
    flags = FlagSets({5: "Work", 7: "$Junk"})
    assert flags.rendered[flags.number(0)] == b"()"
    assert flags.rendered[flags.number(8 | 1 << 5 | 1 << 7)] == rb"(\Seen Work $Junk)"
    number = flags.number(1 << 6)
    assert flags.rendered[number] == b"()"
    assert flags.learn({5: "Work", 6: "New", 7: "$Junk"})
    assert flags.rendered[number] == b"(New)"
    assert not flags.learn({5: "Work", 6: "New", 7: "$Junk"})
    assert flags.mask_of(["work", "NEW"]) == 1 << 5 | 1 << 6
    assert flags.mask_of(["other"]) is None


def test_no_new_keywords_are_offered_when_there_is_no_room() -> None:
    assert rb"\*" in FlagSets({}).permanent()
    full = FlagSets({bit: f"k{bit}" for bit in range(5, 63)})
    assert rb"\*" in full.permanent()  # none of them is on a message: they make room
    full.number(RECENT | STORED)
    assert rb"\*" not in full.permanent()


def test_texts_of_many_combinations_take_little_memory() -> None:
    """58 keywords make more combinations than there are messages, and each has a text of kilobytes."""
    flags = FlagSets({bit: "k" * 60 + str(bit) for bit in range(5, 63)})
    for combination in range(20_000):
        assert len(flags.rendered[flags.number(combination << 5)]) <= flags.widest_octets
    assert sum(map(len, flags.rendered.values())) < 2 * RENDERED_OCTETS


def test_combinations_that_no_message_has_any_more_are_forgotten() -> None:
    held = numbering([1, 2], [0, 1])
    for combination in range(10_000):
        held.set_mask(1, combination)
    deque(held.forgetting(), maxlen=0)
    assert len(held.flag_sets.masks) == 2
    assert [held.mask(0), held.mask(1)] == [0, 9_999]


@given(st.lists(st.integers(0, 7), max_size=40), st.sampled_from([0, 250, 300, 70_000]), st.integers(0, 45))
def test_a_flag_is_given_to_all_messages_from_one_on(masks: list[int], other_sets: int, first: int) -> None:
    held = numbering(list(range(1, len(masks) + 1)), masks)
    held.flag_sets.numbers([other << 10 for other in range(other_sets)])
    held.extend([100], [100], [5])
    held.add_flag_from(first, 256)
    wanted = [mask | 256 if at >= first else mask for at, mask in enumerate([*masks, 5])]
    assert [held.mask(at) for at in range(len(held))] == wanted
    assert [held.flag_sets.masks[number] for number in held.flag_numbers] == wanted


@given(st.lists(st.integers(0, 600), max_size=900))
def test_each_combination_has_one_number_however_many_there_are(masks: list[int]) -> None:
    flags = FlagSets({})
    assert [flags.masks[number] for number in flags.numbers(masks)] == masks
    assert sorted(flags.masks) == sorted(set(masks))


@given(st.lists(st.integers(0, 7), max_size=40), st.sampled_from([0, 300]))
def test_having_a_flag_is_told_for_each_message(masks: list[int], other_sets: int) -> None:
    held = numbering(list(range(1, len(masks) + 1)), masks or [0])
    held.flag_sets.numbers([8 << other for other in range(other_sets)])
    assert list(held.having(2)) == [mask >> 1 & 1 for mask in masks]
    assert held.count(2) == sum(mask >> 1 & 1 for mask in masks)
