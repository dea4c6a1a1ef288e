"""Marks by REST: what the caller has seen or flagged in a room, shared with IMAP, NNTP and the web."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import SignInWanted, WrongArguments
from services.wiki.rest.endpoint import Endpoint
from services.wiki.rest.result import RestAsked, Result
from services.wiki.rest.rooms import find_room
from shared.folders.flags import ANSWERED, FLAGGED, SEEN
from shared.rooms.marks.marks_of import marks_of
from shared.rooms.marks.set_marks import set_marks

FLAGS = {"seen": SEEN, "flagged": FLAGGED, "answered": ANSWERED}
MOST_NUMBERS = 10_000  # in one change


class NumberSpan(NamedTuple):
    """Numbers of messages, both ends included."""

    first: int
    last: int


class RoomMarks(NamedTuple):
    """The caller's marks in a room: for each flag the spans of numbers that have it, ascending."""

    seen: Sequence[NumberSpan]
    flagged: Sequence[NumberSpan]
    answered: Sequence[NumberSpan]


class MarkChange(NamedTuple):
    """A change of marks: one of `seen`, `flagged` and `answered`, put on messages or taken off."""

    flag: str
    numbers: Sequence[int]
    put: bool = True


class MarkedMessages(NamedTuple):
    """The messages whose marks have changed; those that were so already are not among them."""

    numbers: Sequence[int]


async def read(caller: Caller, asked: RestAsked) -> Result:
    """The marks."""
    room, _ = await find_room(caller, asked)
    marks = await caller.parts.database.read(marks_of, _account_id(caller), room.folder_id)
    return Result(RoomMarks(*([NumberSpan(*span) for span in marks.spans(flag)] for flag in FLAGS.values())))


async def change(caller: Caller, asked: RestAsked) -> Result:
    """Put a mark on messages, or take it off."""
    room, _ = await find_room(caller, asked)
    wanted: MarkChange = asked.body
    if wanted.flag not in FLAGS:
        raise WrongArguments(f"flag must be one of {', '.join(FLAGS)}")
    if len(wanted.numbers) > MOST_NUMBERS or not all(0 < number < 1 << 31 for number in wanted.numbers):
        raise WrongArguments(f"numbers must be at most {MOST_NUMBERS} numbers of messages")
    stored = await caller.parts.database.transact(
        set_marks,
        _account_id(caller),
        room.folder_id,
        wanted.numbers,
        "add" if wanted.put else "remove",
        FLAGS[wanted.flag],
    )
    return Result(MarkedMessages(list(stored.uids)))


def _account_id(caller: Caller) -> int:
    if caller.account is None:
        raise SignInWanted
    return caller.account.id


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/rooms/{room}/marks", "readMarks", "Read your marks in a room.", read, RoomMarks, signed_in=True),
    Endpoint("POST", "/rooms/{room}/marks", "changeMarks", "Mark messages of a room.", change, MarkedMessages,
             body=MarkChange, problems=(415,), signed_in=True),
)  # fmt: skip
