"""News of rooms: that some are new, others or gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel

_CHANGED = b"changed"


def _write(_events: Iterable[RoomsChanged]) -> bytes:
    return _CHANGED


def _read(_message: bytes) -> Iterator[tuple[int, int]]:
    yield EVERYTHING, 0


ROOMS_NEWS: Channel[RoomsChanged] = Channel("rooms", _write, _read)  # watched as EVERYTHING, told nothing more


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """A room, its policy, its addresses or its moderators: read them all again."""

    channel: ClassVar[Channel[Any]] = ROOMS_NEWS
