"""The channels of feeds: a client waits for a room's feeds; a room's feed was polled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel


def _write(events: Iterable[FeedWanted | FeedAsked]) -> bytes:
    return b",".join(b"%d" % folder_id for folder_id in dict.fromkeys(event.folder_id for event in events))


def _folders(message: bytes) -> Iterator[int]:
    return (int(each) for each in message.split(b",") if each.isdigit() and len(each) < 19)


def _read_wanted(message: bytes) -> Iterator[tuple[int, int]]:
    return ((EVERYTHING, folder_id) for folder_id in _folders(message))


def _read_asked(message: bytes) -> Iterator[tuple[int, int]]:
    return ((folder_id, 0) for folder_id in _folders(message))


WANTED: Channel[FeedWanted] = Channel("feeds-wanted", _write, _read_wanted)  # watched as EVERYTHING, told the room's id
ASKED: Channel[FeedAsked] = Channel("feeds-asked", _write, _read_asked)  # watched by the room's id


@dataclass(frozen=True, slots=True)
class FeedWanted:
    """A client has opened a room whose feeds are overdue."""

    channel: ClassVar[Channel[Any]] = WANTED

    folder_id: int


@dataclass(frozen=True, slots=True)
class FeedAsked:
    """A feed of the room has been asked, whatever came of it."""

    channel: ClassVar[Channel[Any]] = ASKED

    folder_id: int
