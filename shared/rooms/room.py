"""A room's row, and its water marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.folders.folder import FolderId
from shared.folders.name import ROOMS, SEPARATOR


class Readers(StrEnum):
    """Who may read a room."""

    EVERYONE = "everyone"
    MEMBERS = "members"


class Posters(StrEnum):
    """Who may post to a room."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    MODERATORS = "moderators"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Room:
    """A room as of one moment. Its folder's number is the room's."""

    folder_id: FolderId
    name: str
    description: str
    reading: Readers
    posting: Posters
    moderated: bool  # what others than moderators post is held
    fed: bool  # a feed fills it, and nobody else
    keep_days: int | None  # None: for ever
    created_at: datetime
    replies_only: bool = False  # nobody begins a thread but the program that fills it
    elsewhere: bool | None = None  # whether addresses elsewhere may subscribe; None: if everybody may read

    @property
    def takes_elsewhere(self) -> bool:
        """Whether addresses elsewhere may be sent its posts."""
        return self.reading is Readers.EVERYONE if self.elsewhere is None else self.elsewhere

    @property
    def folder_name(self) -> str:
        """The name of its folder, which is also IMAP's."""
        return folder_name_of(self.name)


@dataclass(frozen=True, slots=True)
class Water:
    """The numbers of a room's articles (RFC 3977 §6.1.1): no article is below `low`, or will be again; none above
    `high`.

    `low` is never 0. In an empty room it is high + 1; in a room that never had an article, 1 and 0.
    """

    low: int
    high: int
    count: int


# The columns of a Room in its own order: `SELECT {COLUMNS} FROM room`, then `room_from(row)`.
NAMES = tuple(field.name for field in fields(Room))
COLUMNS = ", ".join(f"room.{name}" for name in NAMES)


def room_from(row: Sequence[Any]) -> Room:
    """The room in a row of COLUMNS."""
    folder_id, name, description, reading, posting, *rest = row
    return Room(folder_id, name, description, Readers(reading), Posters(posting), *rest)


def for_members(rooms: Iterable[Room]) -> frozenset[int]:
    """The numbers of those that strangers do not read."""
    return frozenset(room.folder_id for room in rooms if room.reading is not Readers.EVERYONE)


def folder_name_of(name: str) -> str:
    """The name of a room's folder."""
    return f"{ROOMS}{SEPARATOR}{name}"
