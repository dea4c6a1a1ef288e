"""The subject of live updates: a room, or a page of the wiki, and the readers who have it open."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from services.wiki.site.request import WebRequest
from shared.events.watches import Watch


class LiveSubject(ABC):
    """`newest` is the last event, which a reader who comes or comes back is told first."""

    def __init__(self, newest: bytes) -> None:
        self.newest = newest
        self.readers: set[LiveReader] = set()
        self.watch: Watch | None = None

    @abstractmethod
    def watch_with(self, call: Callable[[int | None], None]) -> Watch:
        """Have `call` called when there may be something new."""

    @abstractmethod
    async def ask(self) -> bytes | None:
        """The event of what is new since the last one; None if nothing is. Raises DomainError."""


class LiveReader:
    """One open page."""

    __slots__ = ("key", "missed", "paused", "persistent", "place", "request", "subject")

    def __init__(self, request: WebRequest, place: Hashable, subject: LiveSubject, key: Hashable) -> None:
        self.request, self.place, self.subject, self.key = request, place, subject, key
        self.paused = self.missed = False
        self.persistent = request.channel.persistent

    def tell(self, event: bytes) -> None:
        if self.paused:
            self.missed = True
        else:
            self.request.write(event)

    # As a push producer of its connection (twisted.internet.interfaces.IPushProducer)

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False
        if self.missed:
            self.missed = False
            self.request.write(self.subject.newest)

    def stopProducing(self) -> None:
        self.paused = True


def event_of(kind: str, number: int, data: Mapping[str, Any]) -> bytes:
    """An event (HTML Living Standard §9.2) whose data is JSON; numbers of 64 bits go as text: JavaScript has none."""
    written = json.dumps(data, separators=(",", ":"), ensure_ascii=True).encode()  # one line whatever is in it
    return b"event: %b\nid: %d\ndata: %b\n\n" % (kind.encode("ascii"), number, written)
