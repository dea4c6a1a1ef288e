"""The bus: news between processes, published after the commit by Redis; without Redis each process polls the store.

An event only wakes: it says where to look. Losing one costs a delay, never a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.events.channel import Channel, Event
from shared.events.gathered_news import GatheredNews
from shared.events.redis import RedisConnection
from shared.events.redis_url import parse_redis_url
from shared.events.rounds import Rounds
from shared.events.watches import OnNews, Watch, Watches

POLL_INTERVAL = timedelta(seconds=5)
# After a reconnect all watches look at the store once; 2,000 of them within a second are no stampede.
CATCH_UP = timedelta(seconds=1)
LOOK = b"*"  # sent by a process that could not announce its news: look at the store


class Bus:
    """One per process; `redis` is open to others for small numbers that may be lost."""

    _log = Logger()

    def __init__(self, reactor: Any, url: str, poll_interval: timedelta = POLL_INTERVAL) -> None:
        """Redis may be away. `url` includes the password."""
        self._reactor = reactor
        self._poll_interval = poll_interval
        # One server may serve several stacks, each with a database number of its own; channels have none.
        self._prefix = f"agora:{parse_redis_url(url).database}:"
        # The channels that are watched in this process. A process that watches none, such as SMTP's, receives no
        # events.
        self._watched: dict[str, tuple[Channel[Any], Watches]] = {}
        self._news = GatheredNews(reactor, self._publish)
        self._rounds = Rounds(reactor)
        self._away_since: float | None = None
        self._untold: set[Channel[Any]] = set()  # channels whose last events may not have been received
        self.redis = RedisConnection(reactor, url, changed=self._look_at_connections)
        self._listening = RedisConnection(
            reactor,
            url,
            receive=self._receive,
            changed=self._look_at_connections,
        )
        self._sign_of_life = LoopingCall(self._ask_for_sign_of_life)
        self._sign_of_life.clock = reactor
        reactor.callWhenRunning(self._start)

    @property
    def is_connected(self) -> bool:
        """Whether events are sent and received at once."""
        return self.redis.is_connected and self._listening.is_connected

    def health(self) -> str | None:
        """None, or the reason why events are late."""
        return self._listening.away_because or self.redis.away_because

    def announce(self, events: Iterable[Event]) -> None:
        """Tell everyone, after the commit. Never fails and never waits.

        While Redis is away nothing is sent; once it is back, others are told that they missed something.
        """
        for event in events:
            self._news.add(event)

    async def passed_on(self) -> None:
        """Return when Redis has passed on all that was announced before. Raises RedisAway, ResponseError."""
        self._news.flush()
        await self.redis.command("PING")  # a connection's commands are obeyed in their order

    def watch(self, channel: Channel[Any], key: int, call: OnNews) -> Watch:
        """Have `call(position)` called for each change of what has this key, maybe for several changes at once.

        `call(None)` says that some may have been missed: when the channel is heard from now on, after a reconnect, and
        once every poll interval while Redis is away. Look at the store from the position that you know, then.
        """
        name = self._prefix + channel.name
        if name in self._watched:
            return self._watched[name][1].add(key, call)
        watches = Watches()
        self._watched[name] = channel, watches
        watch = watches.add(key, call)
        self._listening.hear(name, partial(self._look_at, watches))
        return watch

    async def close(self) -> None:
        """Send what is gathered, then hang up."""
        self._news.flush()
        self._rounds.stop()
        if self._sign_of_life.running:
            self._sign_of_life.stop()
        await self._listening.close()
        await self.redis.close()

    def _start(self) -> None:
        self._sign_of_life.start(self._poll_interval.total_seconds(), now=False)

    def _ask_for_sign_of_life(self) -> None:
        """Ask Redis for a reply, so that a lost connection is noticed.

        A connection that does not reply is closed by its time-out; one on which nothing is asked would never be.
        """
        self._listening.send("PING")
        self.redis.send("PING")

    def _publish(self, channel: Channel[Any], message: bytes) -> None:
        untold = partial(self._untold.add, channel)
        self.redis.tell("PUBLISH", self._prefix + channel.name, message, failed=untold)

    def _tell_untold(self) -> None:
        """Tell other processes to look at the store: they may have been connected while this one was not."""
        if self.redis.is_connected:
            channels, self._untold = self._untold, set()
            for channel in channels:
                self._publish(channel, LOOK)

    def _receive(self, name: str, message: bytes) -> None:
        if message == LOOK:
            self._rounds.once(self._everyone, CATCH_UP)
            return
        channel, watches = self._watched[name]
        for key, position in channel.read(message):
            watches.tell(key, position)

    def _look_at(self, watches: Watches) -> None:
        """Their channel is heard from now on: what came before is to be looked for."""
        for watch in list(watches):
            watch.tell(None)

    def _look_at_connections(self) -> None:
        self._tell_untold()
        if self.is_connected:
            self._came_back()
        elif self._listening.has_failed or self.redis.has_failed:
            self._went_away()

    def _went_away(self) -> None:
        if self._away_since is None:
            self._away_since = self._reactor.seconds()
            self._log.warn("Redis is away, news are slow: {reason}", reason=self.health())
        self._rounds.keep_going(self._everyone, self._poll_interval)

    def _came_back(self) -> None:
        if self._away_since is not None:
            seconds = self._reactor.seconds() - self._away_since
            self._log.info("Redis is back after {seconds:.1f} s", seconds=seconds)
        self._away_since = None
        self._rounds.once(self._everyone, CATCH_UP)

    def _everyone(self) -> list[Watch]:
        return [watch for _, watches in self._watched.values() for watch in watches]
