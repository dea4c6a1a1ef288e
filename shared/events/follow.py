"""Following the store: a look at it after each news of a channel, and every poll interval, as news can be lost."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from twisted.internet.task import LoopingCall

from shared.events.bus import POLL_INTERVAL, Bus
from shared.events.channel import EVERYTHING, Channel
from shared.events.watches import Watch
from shared.runtime.until_quiet import UntilQuiet


class Follower:
    """Calls `look` for the first time by `start`, and from then on until `close`; one look at a time."""

    def __init__(
        self,
        bus: Bus,
        channel: Channel[Any],
        look: Callable[[], Coroutine[Any, Any, object]],
        what: str,
        reactor: Any,
        poll_interval: timedelta = POLL_INTERVAL,
    ) -> None:
        """`what` is for the log, where a look fails; `channel` is one that is watched as EVERYTHING."""
        self._bus = bus
        self._channel = channel
        self._watch: Watch | None = None
        self._looks = UntilQuiet(look, what)
        self._poll_interval = poll_interval
        self._polls = LoopingCall(self._looks.look)
        self._polls.clock = reactor

    async def start(self) -> None:
        """Look, and go on looking. Raises what the first look raises; others follow all the same."""
        self._watch = self._bus.watch(self._channel, EVERYTHING, lambda _position: self._looks.look())
        self._polls.start(self._poll_interval.total_seconds(), now=False)
        await self._looks.look_now()

    def close(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.stop()
        if self._polls.running:
            self._polls.stop()
