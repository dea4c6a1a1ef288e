"""Several addresses are tried, a quarter of a second apart, and the first that accepts wins (RFC 8305)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionRefusedError, TimeoutError
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from services.http_proxy.errors import DestinationRefused, Loop, OriginTooSlow, OriginUnreachable
from services.http_proxy.names import Names
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.reach import MOST_ADDRESSES, STAGGER_SECONDS, Reach
from services.http_proxy.tests.proxies import Addresses
from shared.access.errors import HostBlocked


class Transport(StringTransport):
    """With what a socket has besides."""

    def setTcpNoDelay(self, enabled: bool) -> None:
        pass


class Net:
    """A reactor whose connections a test accepts or refuses."""

    def __init__(self, addresses: Sequence[str], permits: Callable[[str], bool] = lambda _: True) -> None:
        self.reactor = MemoryReactorClock()
        names = Names(Addresses({"a.example": [addresses]}), self.reactor)
        self.reach = Reach(self.reactor, names, permits, lambda address, port: port == 3128)

    def connect(self, port: int = 80, refusal: Callable[[str], Any] = lambda _: None) -> Deferred[OriginSide]:
        return Deferred.fromCoroutine(self.reach.connect(b"a.example", "a.example", port, refusal))

    def tried(self) -> list[str]:
        return [client[0] for client in self.reactor.tcpClients]

    def accept(self, number: int) -> None:
        attempt: Any = self.reactor.tcpClients[number][2]
        origin = attempt.buildProtocol(None)
        if origin is not None:
            origin.makeConnection(Transport())

    def refuse(self, number: int, error: Exception) -> None:
        attempt: Any = self.reactor.tcpClients[number][2]
        attempt.clientConnectionFailed(None, Failure(error))


async def test_the_first_that_accepts_wins() -> None:
    net = Net(["2001:db8::1", "2001:db8::2", "192.0.2.1"])
    connecting = net.connect()
    assert net.tried() == ["2001:db8::1"]
    net.reactor.advance(STAGGER_SECONDS)
    assert net.tried() == ["2001:db8::1", "192.0.2.1"]
    net.accept(1)
    assert (await connecting).address == "192.0.2.1"
    net.reactor.advance(STAGGER_SECONDS * 4)
    assert len(net.tried()) == 2
    net.accept(0)  # too late: it gets no protocol


async def test_a_refusal_does_not_wait_for_the_next_turn() -> None:
    net = Net(["192.0.2.1", "192.0.2.2"])
    connecting = net.connect()
    net.refuse(0, ConnectionRefusedError())
    assert net.tried() == ["192.0.2.1", "192.0.2.2"]
    net.accept(1)
    assert (await connecting).address == "192.0.2.2"


@pytest.mark.parametrize(
    ("error", "kind"), [(ConnectionRefusedError(), OriginUnreachable), (TimeoutError(), OriginTooSlow)]
)
async def test_nobody_accepts(error: Exception, kind: type[Exception]) -> None:
    net = Net(["192.0.2.1", "192.0.2.2"])
    connecting = net.connect()
    net.refuse(0, error)
    net.refuse(1, error)
    with pytest.raises(kind):
        await connecting


async def test_every_address_is_judged() -> None:
    net = Net(["10.0.0.1", "192.0.2.1", "127.0.0.1"], lambda address: address == "192.0.2.1")
    connecting = net.connect()
    assert net.tried() == ["192.0.2.1"]
    net.refuse(0, ConnectionRefusedError())
    with pytest.raises(OriginUnreachable):
        await connecting
    with pytest.raises(DestinationRefused):
        await Net(["10.0.0.1"], lambda _: False).connect()
    with pytest.raises(HostBlocked):
        await Net(["192.0.2.1"]).connect(refusal=lambda _: HostBlocked())
    with pytest.raises(Loop):
        await Net(["192.0.2.1"]).connect(port=3128)


async def test_a_name_cannot_make_us_call_on_everybody() -> None:
    net = Net([f"192.0.2.{number}" for number in range(100)])
    connecting = net.connect()
    for number in range(MOST_ADDRESSES):
        net.refuse(number, ConnectionRefusedError())
    with pytest.raises(OriginUnreachable):
        await connecting
    assert len(net.tried()) == MOST_ADDRESSES
