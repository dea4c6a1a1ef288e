"""The messages that a set of numbers means, however many ranges it has."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from services.mail_access.imap.flag_sets import FlagSets
from services.mail_access.imap.message_set import marks_of_set, marks_of_uids, membership
from services.mail_access.imap.numbering import AT_ONCE, Numbering
from services.mail_access.imap.values.sequence_set import STAR, SequenceSet, render_set, set_pieces
from shared.testing.reactor import wait_for

NUMBERS = st.one_of(st.integers(1, 60), st.just(STAR))


async def go_on() -> None:
    """Nobody else is there to have a turn."""


@given(
    st.sets(st.integers(1, 60), min_size=1).map(sorted),
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=9),
    st.booleans(),
)
def test_many_ranges_mean_what_few_mean(uids: list[int], ranges: list[tuple[int, int]], by_uid: bool) -> None:
    held = Numbering(array("I", uids), array("q", uids), [0] * len(uids), FlagSets({}))
    few = SequenceSet(tuple(ranges))
    many = SequenceSet(tuple(ranges) * (AT_ONCE // len(ranges) + 1))
    largest = uids[-1] if by_uid else len(uids)
    numbers = uids if by_uid else range(1, len(uids) + 1)
    wanted = [any(low <= number <= high for low, high in few.each(largest)) for number in numbers]
    assert list(wait_for(lambda: marks_of_set(held, few, by_uid, go_on))) == wanted
    assert list(wait_for(lambda: marks_of_set(held, many, by_uid, go_on))) == wanted


@given(st.sets(st.integers(1, 60)).map(sorted), st.sets(st.integers(1, 60)).map(sorted))
def test_saved_uids_are_those_that_are_still_there(uids: list[int], saved: list[int]) -> None:
    held = Numbering(array("I", uids), array("q", uids), [0] * len(uids), FlagSets({}))
    assert list(wait_for(lambda: marks_of_uids(held, array("I", saved), go_on))) == [uid in saved for uid in uids]


def test_membership_of_many_positions() -> None:
    for positions in (range(5, 9), array("I", [1, 7]), array("I", range(0, 3 * AT_ONCE, 3))):
        holds = membership(positions)
        assert [at for at in range(4 * AT_ONCE) if holds(at)] == list(positions)


@given(st.sets(st.integers(1, 5000), max_size=4000).map(sorted))
def test_set_in_pieces_is_the_set(numbers: list[int]) -> None:
    assert b"".join(set_pieces(numbers)) == render_set(numbers)
