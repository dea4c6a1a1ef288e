"""The watches of a connection: watchers are told of each new revision of the pages that they wait for.

What is told is looked up in the store, whether the bus brings news or the poll interval is over, and each revision is
told once. While the client reads nothing, only the newest revision waits for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.kinds import fitted
from services.wiki.calls.parts import CallParts
from services.wiki.calls.read_pages import may_read
from services.wiki.pb.connection import PbConnection
from services.wiki.pb.exposed import Call, RefusedCall
from services.wiki.pb.failure import Error
from services.wiki.pb.jelly import jelly_of
from services.wiki.pb.limits import MOST_WATCHES
from services.wiki.pb.remote import RemoteObject
from shared.runtime.until_quiet import UntilQuiet
from shared.wiki.channel import PAGE_CHANNEL, page_key
from shared.wiki.errors import PageNotFound
from shared.wiki.name import page_name
from shared.wiki.page import Page


class PageWatches:
    """All of one connection; gone with it."""

    def __init__(self, parts: CallParts, connection: PbConnection) -> None:
        self._parts = parts
        self._connection = connection
        self._pages: dict[str, _WatchedPage] = {}
        connection.when_lost.append(self._stop)
        connection.when_writable.append(self._look)

    def method(self, caller: Caller, *, begin: bool) -> Call:
        """The method `watch(name, watcher)`, or `unwatch(name[, watcher])`."""

        async def call(arguments: Sequence[Any], named: Mapping[str, Any]) -> None:
            given = dict(zip(("name", "watcher"), arguments, strict=False)) | dict(named)
            name, watcher = _name(given.get("name")), given.get("watcher")
            if begin and not isinstance(watcher, RemoteObject):
                raise WrongArguments("watch(name, watcher): watcher must be a Referenceable")
            may_read(caller)
            if isinstance(watcher, RemoteObject) and begin:
                await self._begin(name, watcher)
            else:
                self._end(name, watcher)

        return call

    async def _begin(self, name: str, watcher: RemoteObject) -> None:
        if sum(len(each.watchers) for each in self._pages.values()) >= MOST_WATCHES:
            raise RefusedCall(Error, f"a connection has at most {MOST_WATCHES} watches")
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = _WatchedPage(name, self._parts.reads.read, self._connection)
            page.watch = self._parts.bus.watch(PAGE_CHANNEL, page_key(name), lambda _revision: page.looking.look())
        if watcher.number not in page.watchers:
            watcher.is_kept = True
            page.watchers[watcher.number] = watcher
        await page.begin()

    def _end(self, name: str, watcher: RemoteObject | None) -> None:
        page = self._pages.get(name)
        if page is None:
            return
        for number in list(page.watchers):
            if watcher is None or watcher.number == number:
                page.watchers.pop(number).release()
        if not page.watchers:
            page.watch.stop()
            del self._pages[name]

    def _look(self) -> None:
        for page in self._pages.values():
            page.looking.look()

    def _stop(self) -> None:
        for page in self._pages.values():
            page.watch.stop()
            page.watchers.clear()
        self._pages.clear()


class _WatchedPage:
    """A page and its watchers, by the numbers of their references."""

    watch: Any

    def __init__(self, name: str, read: Callable[[str], Awaitable[Page]], connection: PbConnection) -> None:
        self.name = name
        self.watchers: dict[int, RemoteObject] = {}
        self.looking = UntilQuiet(self._look, "looking at a page that is watched")
        self._read = read
        self._connection = connection
        self._told: int | None = None  # the newest revision that was told; None before the first look

    async def begin(self) -> None:
        """Note the revision that there is: what comes after it is told."""
        if self._told is None:
            page = await self._page()
            if self._told is None:
                self._told = 0 if page is None else page.revision

    async def _look(self) -> None:
        if self._told is None or not self._connection.may_write:
            return
        page = await self._page()
        if page is None or page.revision <= self._told:
            return
        self._told = page.revision
        jelly = [jelly_of(each, _no_reference) for each in (self.name, page.revision, page.author)]
        for watcher in list(self.watchers.values()):
            watcher.call(b"changed", jelly)

    async def _page(self) -> Page | None:
        try:
            return await self._read(self.name)
        except PageNotFound:
            return None


def _name(value: Any) -> str:
    try:
        return page_name(fitted(str, value))
    except ValueError:
        raise WrongArguments("watch(name, watcher): name must be a string") from None


def _no_reference(value: object) -> int:
    raise TypeError(type(value).__name__)
