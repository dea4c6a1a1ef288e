"""The watches of a channel by their keys: thousands of tiny objects and one look-up per event."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from twisted.logger import Logger

OnNews = Callable[[int | None], None]  # given the position, or None: some news may have been missed

_log = Logger()


class Watch:
    """One watch of a key; it lasts until stop()."""

    __slots__ = ("_call", "_key", "_watches")

    def __init__(self, watches: Watches, key: int, call: OnNews) -> None:
        self._watches: Watches | None = watches
        self._key = key
        self._call = call

    def stop(self) -> None:
        """End the watch. May be called twice."""
        if self._watches is not None:
            watches, self._watches = self._watches, None
            watches.remove(self, self._key)

    def tell(self, position: int | None) -> None:
        """Call `on_news`, unless the watch was stopped. A failure is logged and does not reach other watches."""
        if self._watches is None:
            return
        try:
            self._call(position)
        except Exception:
            _log.failure("a watch failed")


class Watches:
    """All watches of one kind by key. Most keys have one watch; a tuple is the smallest thing that holds it."""

    def __init__(self) -> None:
        self._by_key: dict[int, tuple[Watch, ...]] = {}

    def add(self, key: int, call: OnNews) -> Watch:
        watch = Watch(self, key, call)
        self._by_key[key] = (*self._by_key.get(key, ()), watch)
        return watch

    def remove(self, watch: Watch, key: int) -> None:
        left = tuple(other for other in self._by_key[key] if other is not watch)
        if left:
            self._by_key[key] = left
        else:
            del self._by_key[key]

    def tell(self, key: int, position: int | None) -> None:
        """Call the watches of `key`."""
        for watch in self._by_key.get(key, ()):
            watch.tell(position)

    def __iter__(self) -> Iterator[Watch]:
        for watches in list(self._by_key.values()):
            yield from watches
