"""The events of a stack as they come, for a command that shows them: heard in the reactor, taken in its own thread.

A command whose reader is slow takes fewer: what does not fit is dropped and counted.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from twisted.internet.threads import blockingCallFromThread

from shared.command_line.announce import redis_url
from shared.command_line.in_reactor import reactor_in_thread
from shared.command_line.terminal.surroundings import surroundings
from shared.events.activity_feed import feed_channel
from shared.events.redis import RedisConnection
from shared.runtime.settings import ServiceSettings

MOST_WAITING = 5000  # lines; five seconds of a busy stack


class Heard(NamedTuple):
    """What has come meanwhile. `away`: why nothing comes, None while the feed is heard."""

    lines: Sequence[str]
    dropped: int
    away: str | None
    interrupted: bool


class WatchedEvents:
    """One watch. `wants` says whether a line is one of those that are shown."""

    def __init__(self, reactor: Any, url: str, wants: Callable[[str], bool]) -> None:
        self._wants = wants
        self._lines: deque[str] = deque()
        self.dropped = 0
        self._interrupted = False
        self._changed = threading.Condition()
        self._reactor = reactor
        self._connection: RedisConnection = blockingCallFromThread(reactor, self._connect, url)

    def _connect(self, url: str) -> RedisConnection:
        return RedisConnection(self._reactor, url, channels=[feed_channel(url)], receive=self._receive)

    def _receive(self, _channel: str, message: bytes) -> None:
        lines = [line for line in message.decode("utf-8", "replace").split("\n") if self._wants(line)]
        with self._changed:
            room = MOST_WAITING - len(self._lines)
            self._lines.extend(lines[:room])
            self.dropped += max(0, len(lines) - room)
            self._changed.notify()

    def interrupt(self) -> None:
        """Ctrl-C: the watch is over."""
        with self._changed:
            self._interrupted = True
            self._changed.notify()

    def take(self, seconds: float) -> Heard:
        """What has come, at the latest after so many seconds."""
        with self._changed:
            if not self._lines and not self._interrupted:
                self._changed.wait(seconds)
            lines, self._lines = list(self._lines), deque()
            dropped, self.dropped = self.dropped, 0
        return Heard(lines, dropped, self._connection.away_because, self._interrupted)

    def close(self) -> None:
        """Hear nothing more."""
        from twisted.internet.defer import Deferred

        self._reactor.callFromThread(lambda: Deferred.fromCoroutine(self._connection.close()))


@contextmanager
def watched_events(settings: ServiceSettings, wants: Callable[[str], bool]) -> Iterator[WatchedEvents]:
    """A watch within the block: in a reactor of its own, inside a service in the service's."""
    around = surroundings()
    if around is not None:
        watch = WatchedEvents(around.reactor, redis_url(settings), wants)
        around.on_interrupt(watch.interrupt)
        try:
            yield watch
        finally:
            watch.close()
        return
    from twisted.internet import reactor

    with reactor_in_thread():
        yield WatchedEvents(reactor, redis_url(settings), wants)
