"""Announcements of what a command has changed, so that the services learn of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from twisted.internet.task import deferLater

from shared.command_line.in_reactor import in_reactor
from shared.database.url import url_with_password
from shared.events.bus import Bus
from shared.events.channel import Event
from shared.events.redis import RedisAway, RedisConnection, ResponseError
from shared.runtime.settings import ServiceSettings

PATIENCE = timedelta(seconds=2)
LOOK_AGAIN = timedelta(milliseconds=10)


def announce(settings: ServiceSettings, events: Sequence[Event]) -> None:
    """Publish the events; Redis has passed them on when this returns.

    Without Redis the services learn of the change when they look at the store.
    """

    async def publish(reactor: Any) -> None:
        bus = Bus(reactor, redis_url(settings))
        with suppress(RedisAway, ResponseError):
            await connected(reactor, bus.redis)
            bus.announce(events)
            await bus.passed_on()  # else what is asked of a service after this command may come there before its news
        await bus.close()

    in_reactor(publish)


def redis_url(settings: ServiceSettings) -> str:
    """With the password."""
    return url_with_password(settings.redis_url, settings.redis_password_file)


async def connected(reactor: Any, connection: RedisConnection) -> None:
    """Return when the connection is there. Raises RedisAway with the reason when it does not come."""
    looks = PATIENCE // LOOK_AGAIN  # counted: that this machine stood still for seconds does not say that Redis is away
    while not connection.is_connected:
        if connection.has_failed or looks == 0:
            raise RedisAway(connection.away_because)
        looks -= 1
        await deferLater(reactor, LOOK_AGAIN.total_seconds())
