"""A channel: one kind of news, and how its events travel over Redis; each subject declares its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

EVERYTHING = 0  # the key of channels whose watches all hear the same


class Event(Protocol):
    """What happened, as names and a position, never as content; who wants to know more asks the store. Hashable."""

    channel: ClassVar[Channel[Any]]


E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, eq=False)
class Channel(Generic[E]):
    """`name` is unique among the channels, and like the octets the same in all releases: they talk to each other.

    `write` makes one message, never empty, of the events that were gathered, of which many may say the same. `read`
    gives what a message says as keys, which are watched, with positions. It passes over what it cannot read: another
    release may have written that.
    """

    name: str
    write: Callable[[Iterable[E]], bytes]
    read: Callable[[bytes], Iterable[tuple[int, int]]]


def look_again(name: str) -> Channel[Any]:
    """A channel whose events all say the same: look again. It is watched as EVERYTHING, and no position is told."""
    return Channel(name, _say_so, _hear)


def _say_so(_events: Iterable[Event]) -> bytes:
    return b"changed"


def _hear(_message: bytes) -> Iterator[tuple[int, int]]:
    yield EVERYTHING, 0
