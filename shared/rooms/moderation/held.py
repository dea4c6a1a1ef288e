"""Posts that wait for a moderator: they have no number yet, and only moderators see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.messages.overview import overview_fields
from shared.rooms.errors import AlreadyDecided, NotAModerator, NotHeld
from shared.rooms.reader import Reader
from shared.rooms.room import COLUMNS, Room, room_from

_SHOWN_OCTETS = 64 << 10  # of each post: more than any header (article_header.py)
_UNDECIDED = """
    SELECT held.token, substring(octets FOR %s), length(octets), came_at, account.name, network, door,
           (SELECT array_agg(room.name ORDER BY room.name) FROM room WHERE folder_id = ANY(folder_ids))
    FROM held LEFT JOIN account ON account.id = account_id WHERE decided_at IS NULL ORDER BY came_at, held.id
"""
_ONE = """
    SELECT id, octets, folder_ids, account_id, network, door, identifier, outcome FROM held WHERE token = %s FOR UPDATE
"""
_WAITING_IN = "SELECT folder_ids FROM held WHERE decided_at IS NULL AND %s = ANY(folder_ids)"
_DECIDE = "UPDATE held SET decided_at = now(), decided_by = %s, outcome = %s, reason = %s WHERE id = %s"


class HeldLine(NamedTuple):
    """A post that waits, as a list shows it. `rooms` are those that are still there."""

    token: str
    rooms: Sequence[str]
    subject: bytes
    author: bytes  # From
    octets: int
    came_at: datetime
    account: str | None
    network: str | None
    door: str


class HeldPost(NamedTuple):
    """A post that is being decided about; its row is locked."""

    id: int
    octets: bytes
    rooms: Sequence[Room]  # those that are still there, as they are now
    account_id: int | None
    network: str | None
    door: str
    identifier: bytes


class Decided(NamedTuple):
    """The outcome of a held post: approved, rejected, or a duplicate of an article that came meanwhile."""

    outcome: str
    identifier: bytes
    rooms: Sequence[str]
    numbers: Sequence[int] = ()


def list_held(tx: Transaction) -> Sequence[HeldLine]:
    """All that wait, the oldest first."""
    lines = []
    for token, start, octets, came_at, account, network, door, rooms in tx.rows(_UNDECIDED, (_SHOWN_OCTETS,)):
        overview = overview_fields(start)
        author = overview.from_
        lines.append(HeldLine(token, rooms or (), overview.subject, author, octets, came_at, account, network, door))
    return lines


def count_held(tx: Transaction, room_id: int, by_id: Mapping[int, Room], reader: Reader) -> int:
    """How many posts to a room wait for a decision that `reader` may make; `by_id` has all rooms by their numbers."""
    named = [
        [by_id[each] for each in folder_ids if each in by_id] for (folder_ids,) in tx.rows(_WAITING_IN, (room_id,))
    ]
    return sum(decides(rooms, reader) for rooms in named)


def decides(rooms: Sequence[Room], reader: Reader) -> bool:
    """Whether `reader` decides about a post to these rooms: a moderator of each that is moderated, else of all."""
    asked = [room for room in rooms if room.moderated] or rooms
    return all(reader.is_moderator_of(room.folder_id) for room in asked)


def take_held(tx: Transaction, token: str, reader: Reader | None) -> HeldPost:
    """Lock the post for a decision by `reader`, or by the operator for None.

    Raises NotHeld; AlreadyDecided with the outcome; NotAModerator unless `reader` moderates every moderated room of it.
    """
    row = tx.row(_ONE, (token,))
    if row is None:
        raise NotHeld(token)
    number, octets, folder_ids, *rest, outcome = row
    if outcome is not None:
        raise AlreadyDecided(outcome)
    found = {room[0]: room_from(room) for room in tx.rows(
        f"SELECT {COLUMNS} FROM room WHERE folder_id = ANY(%s)", (folder_ids,)
    )}  # fmt: skip
    rooms = [found[folder_id] for folder_id in folder_ids if folder_id in found]
    if reader is not None and not decides(rooms, reader):
        raise NotAModerator(token)
    return HeldPost(number, octets, rooms, *rest)


def decide(tx: Transaction, held: HeldPost, reader: Reader | None, outcome: str, reason: str = "") -> None:
    """Write the decision into the post's row."""
    tx.execute(_DECIDE, (None if reader is None else reader.account_id, outcome, reason, held.id))
