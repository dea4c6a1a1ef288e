"""Sets of messages: the numbers or UIDs that a command names, as positions in the selected mailbox."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import accumulate, compress

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.numbering import AT_ONCE, Numbering, positions_in
from services.mail_access.imap.response import Refused, no
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.sequence_set import SequenceSet

GiveWay = Callable[[], Awaitable[None]]
_MARKED_AT_ONCE = 16 * 1024  # messages, about a millisecond


def refuse_if_read_only(selected: Selected) -> None:
    """Raises Refused where the mailbox was opened by EXAMINE."""
    if selected.read_only:
        raise Refused(no(b"the mailbox was opened read-only", code=b"READ-ONLY"))


def refuse_to_expunge(selected: Selected) -> None:
    """Raises Refused where the mailbox is read-only, or one whose messages the account may not remove."""
    refuse_if_read_only(selected)
    if not selected.mailbox.may_expunge:
        raise Refused(no(b"only moderators remove messages from a room", code=b"NOPERM"))


async def positions_of(
    session: ImapSession, selected: Selected, numbers: SequenceSet | None, uid: bool
) -> Sequence[int]:
    """The positions, ascending; None stands for `$`.

    UIDs that are not there count for nothing; a message number that is not there is the client's mistake, also `*` in
    an empty mailbox (RFC 3501 §9, seq-number). Raises BadSyntax.
    """
    numbering = selected.numbering
    if numbers is None:
        marks: Sequence[int] = await marks_of_uids(numbering, session.saved_result, session.give_way)
        return array("I", compress(range(len(marks)), marks))
    count = len(numbering)
    if not uid and (numbers.largest_named > count or (numbers.names_largest and not count)):
        raise BadSyntax("there is no message of that number")
    if len(numbers.ranges) <= AT_ONCE:
        return positions_in(_spans(numbering, numbers, uid))
    marks = await marks_of_set(numbering, numbers, uid, session.give_way)
    return array("I", compress(range(count), marks))


async def marks_of_set(numbering: Numbering, numbers: SequenceSet, uid: bool, give_way: GiveWay) -> bytearray:
    """An octet for each message: 1 if the set names it, else 0. Linear in the ranges, however they overlap."""
    if len(numbers.ranges) <= AT_ONCE:
        marks = bytearray(len(numbering))
        for start, stop in _spans(numbering, numbers, uid):
            marks[start:stop] = b"\1" * (stop - start)
        return marks
    each = numbers.each(_largest(numbering, uid))
    spans = numbering.spans_of_uids if uid else numbering.spans_of_numbers
    return await _marks_of_spans(len(numbering), (span for pair in each for span in spans((pair,))), give_way)


async def marks_of_uids(numbering: Numbering, uids: array[int], give_way: GiveWay) -> bytearray:
    """The same for ascending UIDs."""
    marks = bytearray(len(numbering))
    for start in range(0, len(uids), AT_ONCE):
        await give_way()
        some = uids[start : start + AT_ONCE]
        first = numbering.first_from(some[0])
        if numbering.uids[first : first + len(some)] == some:
            marks[first : first + len(some)] = b"\1" * len(some)
            continue
        for uid in some:
            position = numbering.position(uid)
            if position is not None:
                marks[position] = 1
    return marks


def _spans(numbering: Numbering, numbers: SequenceSet, uid: bool) -> list[tuple[int, int]]:
    ranges = numbers.resolve(_largest(numbering, uid))
    return numbering.spans_of_uids(ranges) if uid else numbering.spans_of_numbers(ranges)


def _largest(numbering: Numbering, uid: bool) -> int:
    if uid:
        return numbering.uids[-1] if numbering.uids else 0
    return len(numbering)


async def _marks_of_spans(count: int, spans: Iterable[tuple[int, int]], give_way: GiveWay) -> bytearray:
    """Each span adds one to the depth at its start and subtracts one at its end; depth above 0 is a mark."""
    steps = array("i", bytes(4 * (count + 1)))
    for done, (start, stop) in enumerate(spans, 1):
        steps[start] += 1
        steps[stop] -= 1
        if not done % AT_ONCE:
            await give_way()
    marks = bytearray()
    depth = 0
    for start in range(0, count, _MARKED_AT_ONCE):
        depths = array("i", accumulate(steps[start : min(start + _MARKED_AT_ONCE, count)], initial=depth))
        depth = depths[-1]
        marks += bytes(map(bool, depths[1:]))
        await give_way()
    return marks


def membership(positions: Sequence[int]) -> Callable[[int], bool]:
    """A test whether a position is among the ascending `positions`; each call takes constant time."""
    if isinstance(positions, range):
        return positions.__contains__
    if len(positions) <= AT_ONCE:
        return frozenset(positions).__contains__
    marks = bytearray(positions[-1] + 1)
    for position in positions:
        marks[position] = 1
    return lambda position: position < len(marks) and marks[position] == 1


def slices(positions: Sequence[int], size: int = AT_ONCE) -> Iterator[Sequence[int]]:
    """The positions, so many at a time."""
    for start in range(0, len(positions), size):
        yield positions[start : start + size]
