"""Opens a factory's door on the tests' reactor, on a free loopback port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory

from shared.testing.reactor import running_reactor, wait_for


@contextmanager
def serving(factory: Factory) -> Iterator[int]:
    """The port at which `factory` serves on 127.0.0.1; for tests that are no coroutines."""
    reactor = running_reactor()

    async def listen() -> Any:
        return reactor.listenTCP(0, factory, interface="127.0.0.1")

    port = wait_for(listen)

    async def stop() -> None:
        stopped: Deferred[None] | None = port.stopListening()
        if stopped is not None:
            await stopped

    try:
        yield port.getHost().port
    finally:
        wait_for(stop)
