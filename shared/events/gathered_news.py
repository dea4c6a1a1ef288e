"""Events gathered into one message for each channel.

Deliveries that were committed together are announced in one turn of the reactor, so a burst of them is one message.
Under load one message follows another at a distance: each wakes Redis and every process that listens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.clock import Clock
from shared.events.channel import Channel, Event

APART_SECONDS = 0.005  # a delay that is not noticed, and 200 messages a second cost little


class GatheredNews:
    """Collects until the turn ends, then calls `publish(channel, message)` for each channel that has news.

    What comes within APART_SECONDS of the last message waits for the end of that time.
    """

    def __init__(self, clock: Clock, publish: Callable[[Channel[Any], bytes], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._events: dict[Channel[Any], list[Event]] = {}
        self._published = float("-inf")

    def add(self, event: Event) -> None:
        """Publish the event soon."""
        if not self._events:
            wait = self._published + APART_SECONDS - self._clock.seconds()
            self._clock.callLater(max(0.0, wait), self.flush)
        self._events.setdefault(event.channel, []).append(event)

    def flush(self) -> None:
        """Publish what there is, now."""
        events, self._events = self._events, {}
        if events:
            self._published = self._clock.seconds()
        for channel, gathered in events.items():
            self._publish(channel, channel.write(gathered))
