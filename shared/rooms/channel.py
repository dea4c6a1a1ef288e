"""The channels of rooms: changes of rooms, and changes of what an account has marked in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import Channel, look_again

ROOMS_NEWS: Channel[RoomsChanged] = look_again("rooms")  # watched as EVERYTHING, told nothing more


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """A room, its policy, its addresses or its moderators: read them all again."""

    channel: ClassVar[Channel[Any]] = ROOMS_NEWS


def marks_key(account_id: int, folder_id: int) -> int:
    """The key by which the marks of an account in a room are watched."""
    return folder_id << 64 | account_id


def _write_marks(events: Iterable[MarksChanged]) -> bytes:
    newest: dict[tuple[int, int], int] = {}
    for event in events:
        key = event.account_id, event.folder_id
        newest[key] = max(event.modseq, newest.get(key, -1))
    return b",".join(b"%d %d %d" % (*key, modseq) for key, modseq in newest.items())


def _read_marks(message: bytes) -> Iterator[tuple[int, int]]:
    for item in message.split(b","):
        numbers = item.split(b" ")
        if len(numbers) == 3 and all(map(bytes.isdigit, numbers)):
            account_id, folder_id, modseq = map(int, numbers)
            yield marks_key(account_id, folder_id), modseq


MARKS: Channel[MarksChanged] = Channel(
    "marks", _write_marks, _read_marks
)  # watched by marks_key, told the marks' modseq


@dataclass(frozen=True, slots=True)
class MarksChanged:
    """The account has marked something in the room since the modseq before this one, which is its marks' alone."""

    channel: ClassVar[Channel[Any]] = MARKS

    account_id: int
    folder_id: int
    modseq: int
