"""The channel of pages: which page has a new revision, came, or went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel

ARRIVALS = 1  # the key by which it is watched that any page has come or gone: links to it look different now
_FIRST_KEY = 2


def page_key(name: str) -> int:
    """The key by which the page of that name is watched, whether it exists or not."""
    key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
    return max(key, _FIRST_KEY)


def _write(events: Iterable[PageChanged]) -> bytes:
    newest: dict[str, tuple[int, bool]] = {}
    for event in events:
        revision, arrival = newest.get(event.name, (0, False))
        newest[event.name] = max(revision, event.revision), arrival or event.arrival
    return b",".join(b"%d %d %d" % (page_key(name), *said) for name, said in newest.items())


def _read(message: bytes) -> Iterator[tuple[int, int]]:
    arrival = False
    for item in message.split(b","):
        numbers = item.split(b" ")
        if len(numbers) == 3 and all(map(bytes.isdigit, numbers)):
            key, revision, came_or_went = map(int, numbers)
            arrival = arrival or bool(came_or_went)
            yield key, revision
            yield EVERYTHING, key
    if arrival:
        yield ARRIVALS, 0


# Watched by page_key(name), told the revision; as EVERYTHING, told the page's key; as ARRIVALS, told nothing more.
PAGE_CHANNEL: Channel[PageChanged] = Channel("pages", _write, _read)


@dataclass(frozen=True, slots=True)
class PageChanged:
    """The page has another revision, was deleted, or has something attached; `arrival`: it came or went."""

    channel: ClassVar[Channel[Any]] = PAGE_CHANNEL

    name: str
    revision: int
    arrival: bool = False
