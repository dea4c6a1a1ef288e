"""The pages that a process has read: a page that many ask for is read once, and again when it has changed."""

from __future__ import annotations

from typing import NamedTuple

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.runtime.single_flight import SingleFlight
from shared.wiki.channel import ARRIVALS, PAGE_CHANNEL, page_key
from shared.wiki.page import Page
from shared.wiki.read_page import read_page

CACHE_OCTETS = 16 << 20  # some thousand pages
FRESH_SECONDS = 5.0  # should news of a change be lost: as long as the bus polls


class _Known(NamedTuple):
    page: Page
    until: float
    version: int


class KnownPages:
    """One for each process. A page that this process has saved is to be forgotten at once: forget()."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._known: BoundedCache[int, _Known] = BoundedCache(CACHE_OCTETS, _weigh)
        self._reads: SingleFlight[str, Page] = SingleFlight()
        self._version = 0  # counts what was heard; a read that began before is not remembered
        self._arrivals = 0
        self._watches: list[Watch] = []

    async def page(self, name: str) -> Page:
        """The newest revision, as of the last news of it. Raises what read_page() raises, and the store."""
        if not self._watches:
            self._watches = [
                self._bus.watch(PAGE_CHANNEL, EVERYTHING, self._hear),
                self._bus.watch(PAGE_CHANNEL, ARRIVALS, self._hear_of_arrival),
            ]
        key = page_key(name)
        known = self._known.get(key)
        now = self._database.clock.seconds()
        if known is not None:
            if known.until > now and known.version == self._arrivals and self._bus.is_connected:
                return known.page
            self._known.drop(key)
        version, arrivals = self._version, self._arrivals
        page = await self._reads.ask(
            name, lambda: self._database.read(read_page, name), version=version, joins=lambda asked: asked == version
        )
        if version == self._version:
            self._known.put(key, _Known(page, now + FRESH_SECONDS, arrivals))
        return page

    def forget(self, name: str, *, arrival: bool = False) -> None:
        """This process has changed the page; `arrival`: it came or went, so links to it look different now."""
        self._hear(page_key(name))
        if arrival:
            self._arrivals += 1

    def close(self) -> None:
        """Watch no more."""
        for watch in self._watches:
            watch.stop()
        self._watches = []

    def _hear(self, key: int | None) -> None:
        self._version += 1
        if key is None:
            self._arrivals += 1  # some news may have been missed: read all pages again
        else:
            self._known.drop(key)

    def _hear_of_arrival(self, _position: int | None) -> None:
        self._arrivals += 1


def _weigh(known: _Known) -> int:
    source = known.page.source
    return ENTRY_OCTETS + 500 + len(source) * (1 if source.isascii() else 4)
