"""Several addresses are tried, a quarter of a second apart, and the first that accepts wins (RFC 8305)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from services.http_proxy import race
from services.http_proxy.errors import DestinationRefused, Loop, OriginTooSlow, OriginUnreachable
from services.http_proxy.names import Names
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.reach import MOST_ADDRESSES, OnTheWay, Reach
from services.http_proxy.tests.proxies import Addresses
from shared.access.errors import HostBlocked
from shared.testing.reactor import running_reactor, wait_for

LONG_SECONDS = 60.0
OPEN, SILENT, CLOSED = "127.0.0.1", "127.0.0.2", "127.0.0.3"


class Net:
    """A port that is open at one address, silent at another, closed everywhere else."""

    def __init__(self, sockets: ExitStack) -> None:
        self.open = sockets.enter_context(socket.create_server((OPEN, 0)))
        self.port = self.open.getsockname()[1]
        silent = sockets.enter_context(socket.create_server((SILENT, self.port), backlog=0))
        for _ in range(2):  # its queue is full: it answers no SYN
            filler = sockets.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(silent.getsockname())
        self.judged: list[str] = []

    def reach(self, addresses: Sequence[str], permits: Callable[[str], bool] = lambda _: True) -> Reach:
        reactor = running_reactor()

        def is_self(address: str, port: int) -> bool:
            self.judged.append(address)
            return port == 3128

        return Reach(reactor, Names(Addresses({"a.example": [addresses]}), reactor), permits, is_self)

    def connect(
        self,
        addresses: Sequence[str],
        permits: Callable[[str], bool] = lambda _: True,
        refusal: Callable[[str], Any] = lambda _: None,
        port: int | None = None,
    ) -> OriginSide | Exception:
        """The outcome."""

        async def connect() -> OriginSide | Exception:
            outcome: Deferred[tuple[OriginSide | Exception]] = Deferred()

            def tell(reached: OriginSide | Exception) -> None:
                if isinstance(reached, OriginSide):
                    reached.abort()
                outcome.callback((reached,))

            self.reach(addresses, permits).connect(b"a", "a.example", port or self.port, "me", refusal, tell)
            return (await outcome)[0]

        return wait_for(connect)

    def address(self, *addresses: str) -> str:
        reached = self.connect(addresses)
        assert isinstance(reached, OriginSide)
        return reached.address


@pytest.fixture
def net() -> Iterator[Net]:
    with ExitStack() as sockets:
        yield Net(sockets)


def test_the_first_that_accepts_wins(net: Net) -> None:
    assert net.address(SILENT, OPEN) == OPEN


def test_a_refusal_does_not_wait_for_the_next_turn(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "STAGGER_SECONDS", LONG_SECONDS)
    assert net.address(CLOSED, "127.0.0.4", OPEN) == OPEN


def test_nobody_accepts(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(net.connect([CLOSED, "127.0.0.4"])) is OriginUnreachable
    monkeypatch.setattr(race, "CONNECT_SECONDS", 0.1)
    assert type(net.connect([SILENT, CLOSED])) is OriginTooSlow


def test_every_address_is_judged(net: Net) -> None:
    assert type(net.connect([OPEN, CLOSED], lambda address: address == CLOSED)) is OriginUnreachable
    assert type(net.connect([OPEN], lambda _: False)) is DestinationRefused
    assert type(net.connect([OPEN], refusal=lambda _: HostBlocked())) is HostBlocked
    assert type(net.connect([OPEN], port=3128)) is Loop
    (kept,) = {type(net.connect([CLOSED, OPEN], refusal=lambda each: HostBlocked() if each == OPEN else None))}
    assert kept is OriginUnreachable


def test_a_fault_of_ours_is_an_outcome_too(net: Net) -> None:
    def broken(address: str) -> bool:
        raise LookupError

    assert type(net.connect([OPEN], broken)) is LookupError


def test_a_name_cannot_make_us_call_on_everybody(net: Net) -> None:
    assert type(net.connect([f"127.0.1.{number}" for number in range(1, 101)])) is OriginUnreachable
    assert len(net.judged) == MOST_ADDRESSES


def test_where_everything_is_known_and_near_there_is_nothing_to_wait_for(net: Net) -> None:
    async def connect() -> list[str]:
        reached: list[Any] = []
        reach = net.reach([])
        reach.connect(b"a", OPEN, net.port, "me", lambda _: None, reached.append)
        reached[0].abort()
        return [each.address for each in reached]

    assert wait_for(connect) == [OPEN]


def test_what_is_given_up_leaves_nothing_behind(net: Net) -> None:
    reach = net.reach([SILENT, SILENT])
    outcomes: list[OriginSide | Exception] = []

    async def give_up() -> OnTheWay:
        way = reach.connect(b"a", "a.example", net.port, "me", lambda _: None, outcomes.append)
        assert len(reach.deadlines._members) == 1
        way.give_up()
        return way

    way = wait_for(give_up)
    assert not reach.deadlines._members
    assert not way._race._attempts
    assert way._race._next is None
    assert outcomes == []
