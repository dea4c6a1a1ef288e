"""The feed of what happens in a process, published as it is recorded, and only while somebody watches.

Each process asks Redis every few seconds whether anybody listens. While nobody does, an event costs nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from shared.activity.line import as_text, value_text
from shared.activity.record import Timed, write_with
from shared.events.redis import RedisAway, RedisConnection, ResponseError
from shared.events.redis_url import parse_redis_url
from shared.runtime.spawn import spawn

ASK_SECONDS = 2.0  # how late a watch may begin


def feed_channel(url: str) -> str:
    """The channel of Redis that the feed of a stack is on."""
    return f"agora:{parse_redis_url(url).database}:watch"


class ActivityFeed:
    """Publishes lines: seconds since 1970, the kind, and fields as in the log."""

    def __init__(self, reactor: Any, redis: RedisConnection, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._is_watched = False
        self._asking = LoopingCall(self._ask)
        self._asking.clock = reactor
        reactor.callWhenRunning(self._start)

    def _start(self) -> None:
        write_with(self._write)
        note_error: Any = self._note_error
        globalLogPublisher.addObserver(note_error)
        self._asking.start(ASK_SECONDS)

    def _ask(self) -> None:
        spawn(self._look(), "asking who watches")

    async def _look(self) -> None:
        if not self._redis.is_connected:
            self._is_watched = False
            return
        try:
            answer = await self._redis.command("PUBSUB", "NUMSUB", self._channel)
            self._is_watched = int(answer[1]) > 0
        except (RedisAway, ResponseError, IndexError, ValueError, TypeError):
            self._is_watched = False

    def _write(self, events: Sequence[Timed]) -> None:
        if self._is_watched:
            self._publish("\n".join([f"{at:.3f} {as_text(event)}" for at, event in events]))

    def _note_error(self, event: Mapping[str, Any]) -> None:
        if self._is_watched and event.get("log_level") in (LogLevel.error, LogLevel.critical):
            text = formatEvent(dict(event)).partition("\n")[0]
            failure = event.get("log_failure")
            if failure is not None:
                text = f"{text}: {failure.type.__name__}"
            self._publish(f"{event['log_time']:.3f} error text={value_text(text)}")

    def _publish(self, lines: str) -> None:
        self._redis.tell("PUBLISH", self._channel, lines.encode("utf-8", "backslashreplace"), failed=_nothing)


def _nothing() -> None:
    """Nobody has heard it."""
