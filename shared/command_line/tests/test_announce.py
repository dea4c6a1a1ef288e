"""Announcements of a command: passed on when it goes on, and made although the machine stood still meanwhile."""

from __future__ import annotations

import socket
import time
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock, StringTransport

from shared.accounts.channel import AccountChanged
from shared.command_line.announce import PATIENCE, announce, connected
from shared.events.embedded import EmbeddedRedis
from shared.events.embedded_server import socket_path
from shared.events.redis import RedisAway, RedisConnection
from shared.runtime.settings import ServiceSettings
from shared.testing.reactor import running_reactor

PAUSE_SECONDS = 1.0
AT_ONCE_SECONDS = 0.3


def asked(redis: EmbeddedRedis, command: bytes) -> socket.socket:
    """A connection to Redis that has answered `command`."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    client.connect(str(socket_path(redis.state_dir)))
    client.sendall(command + b"\r\n")
    assert client.recv(1000)[:1] in (b"+", b"*")
    return client


def test_services_have_their_news_when_the_command_goes_on(redis_url: str, redis_server: EmbeddedRedis) -> None:
    running_reactor()  # where it runs already, `announce` does not run it to its end
    settings = ServiceSettings(redis_url=redis_url)
    pause = b"CLIENT PAUSE %d" % (PAUSE_SECONDS * 1000)  # Redis gets around to nothing
    with asked(redis_server, b"SUBSCRIBE agora:0:accounts") as service, asked(redis_server, pause):
        begun = time.monotonic()
        announce(settings, [AccountChanged(7)])
        service.settimeout(AT_ONCE_SECONDS)
        assert b"message" in service.recv(1000), f"nothing was passed on after {time.monotonic() - begun:.1f} s"


class _Command:
    """One that waits for its connection to Redis."""

    def __init__(self) -> None:
        self.reactor = MemoryReactorClock()
        self.connection = RedisConnection(self.reactor, "redis://127.0.0.1:6379/0")
        self.reactor.run()
        self.ended: list[object] = []
        Deferred.fromCoroutine(connected(self.reactor, self.connection)).addBoth(self.ended.append)


def test_a_machine_that_stood_still_does_not_say_that_redis_is_away() -> None:
    command = _Command()
    command.reactor.advance(10 * PATIENCE.total_seconds())
    assert command.ended == []
    factory: Any = command.reactor.tcpClients[0][2]
    factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 6379)).makeConnection(StringTransport())
    command.reactor.advance(1)
    assert command.ended == [None]


def test_a_redis_that_does_not_answer_is_given_up() -> None:
    command = _Command()
    command.reactor.pump([0.01] * 1000)
    [failure] = command.ended
    assert failure.check(RedisAway)  # type: ignore[attr-defined]
