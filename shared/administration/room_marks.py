"""The marks of an account in a room: shown, and changed as the account's own programs change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.folders.flags import ANSWERED, FLAGGED, SEEN
from shared.folders.store_flags import Action
from shared.rooms.find_room import find_room
from shared.rooms.marks.marks_of import marks_of
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.reading.articles import numbers

Span = tuple[int, int]  # numbers of articles, both ends included
MARKS: Mapping[str, int] = {"seen": SEEN, "flagged": FLAGGED, "answered": ANSWERED}
_STEP_ARTICLES = 50_000  # marked by one statement
_LAST_NUMBER = 2**31 - 1


class MarksShown(NamedTuple):
    """For each of MARKS the numbers that have it, in ascending spans."""

    room: str
    account: str
    marks: Mapping[str, Sequence[Span]]


class SpansMarked(NamedTuple):
    """One of MARKS, put on the articles in some spans, or taken off."""

    mark: str
    spans: Sequence[Span]
    put: bool


def show(tx: Transaction, room_name: str, account_name: str) -> MarksShown:
    """Raises RoomNotFound, AccountNotFound."""
    return change(tx, room_name, account_name, ())


def change(tx: Transaction, room_name: str, account_name: str, changes: Iterable[SpansMarked]) -> MarksShown:
    """Change the marks of articles that are there, and return all as they are then. Raises the same."""
    room, account = find_room(tx, room_name), find_account(tx, account_name)
    for each in changes:
        action: Action = "add" if each.put else "remove"
        for first, last in each.spans:
            _change(tx, account.id, room.folder_id, (first, last), action, MARKS[each.mark])
    marks = marks_of(tx, account.id, room.folder_id)
    return MarksShown(room.name, account.name, {name: marks.spans(flag) for name, flag in MARKS.items()})


def _change(tx: Transaction, account_id: int, folder_id: int, span: Span, action: Action, flag: int) -> None:
    first, last = span[0], min(span[1], _LAST_NUMBER)
    while first <= last:
        found = numbers(tx, folder_id, first, last, _STEP_ARTICLES)
        if not found:
            return
        set_marks(tx, account_id, folder_id, found, action, flag)
        first = found[-1] + 1
