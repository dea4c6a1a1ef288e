"""Several addresses are tried, a quarter of a second apart, and the first that accepts wins (RFC 8305)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.protocol import Protocol

from shared.errors import DomainError
from shared.reach import race
from shared.reach.connector import MOST_ADDRESSES, Connecting, Connector
from shared.reach.errors import ConnectTimedOut, DestinationRefused, HostNotFound, HostUnreachable, NamesUnavailable
from shared.reach.names import Answer, Names
from shared.testing.addresses import Addresses
from shared.testing.reactor import running_reactor, wait_for

LONG_SECONDS = 60.0
OPEN, SILENT, CLOSED = "127.0.0.1", "127.0.0.66", "127.0.0.67"  # the others are no other test's


class Blocked(DomainError):
    """An address that this connection may not lead to."""


class Closed(DomainError):
    """A port that nothing connects to."""


class Origin(Protocol):
    """What connects."""

    transport: Any

    def __init__(self, address: str) -> None:
        self.address = address


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

    def connector(self, addresses: Sequence[str], permits: Callable[[str], bool] = lambda _: True) -> Connector:
        reactor = running_reactor()

        def forbids(address: str, port: int) -> DomainError | None:
            self.judged.append(address)
            return Closed() if port == 3128 else None

        names = Names(Addresses({"a.example": [addresses]}), reactor)
        return Connector(reactor, permits, names=names, forbids=forbids)

    def connect(
        self,
        addresses: Sequence[str],
        permits: Callable[[str], bool] = lambda _: True,
        refusal: Callable[[str], Any] = lambda _: None,
        port: int | None = None,
    ) -> Origin | Exception:
        """The outcome."""

        async def connect() -> Origin | Exception:
            outcome: Deferred[tuple[Origin | Exception]] = Deferred()

            def tell(reached: Origin | Exception) -> None:
                if isinstance(reached, Origin):
                    reached.transport.abortConnection()
                outcome.callback((reached,))

            connector = self.connector(addresses, permits)
            connector.begin("a.example", port or self.port, "me", Origin, refusal, tell)
            return (await outcome)[0]

        return wait_for(connect)

    def address(self, *addresses: str) -> str:
        reached = self.connect(addresses)
        assert isinstance(reached, Origin)
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
    assert type(net.connect([CLOSED, "127.0.0.4"])) is HostUnreachable
    monkeypatch.setattr(race, "CONNECT_SECONDS", 0.1)
    assert type(net.connect([SILENT, CLOSED])) is ConnectTimedOut


def test_every_address_is_judged(net: Net) -> None:
    assert type(net.connect([OPEN, CLOSED], lambda address: address == CLOSED)) is HostUnreachable
    assert type(net.connect([OPEN], lambda _: False)) is DestinationRefused
    assert type(net.connect([OPEN], refusal=lambda _: Blocked())) is Blocked
    assert type(net.connect([OPEN], port=3128)) is Closed
    (kept,) = {type(net.connect([CLOSED, OPEN], refusal=lambda each: Blocked() if each == OPEN else None))}
    assert kept is HostUnreachable


def test_a_fault_of_ours_is_an_outcome_too(net: Net) -> None:
    def broken(address: str) -> Any:
        raise LookupError

    assert type(net.connect([OPEN], broken)) is LookupError

    async def connect() -> None:
        await net.connector([OPEN]).connect("a.example", net.port, broken)

    with pytest.raises(LookupError):
        wait_for(connect)


def test_a_name_cannot_make_us_call_on_everybody(net: Net) -> None:
    assert type(net.connect([f"127.0.1.{number}" for number in range(1, 101)])) is HostUnreachable
    assert len(net.judged) == MOST_ADDRESSES


def test_where_everything_is_known_and_near_there_is_nothing_to_wait_for(net: Net) -> None:
    async def connect() -> list[str]:
        reached: list[Any] = []
        net.connector([]).begin(OPEN, net.port, "me", Origin, lambda _: None, reached.append)
        reached[0].transport.abortConnection()
        return [each.address for each in reached]

    assert wait_for(connect) == [OPEN]


def test_what_is_given_up_leaves_nothing_behind(net: Net) -> None:
    connector = net.connector([SILENT, SILENT])
    outcomes: list[Origin | Exception] = []

    async def give_up() -> Connecting[Origin]:
        connecting = connector.begin("a.example", net.port, "me", Origin, lambda _: None, outcomes.append)
        assert len(connector.deadlines._members) == 1
        connecting.give_up()
        return connecting

    connecting = wait_for(give_up)
    assert not connector.deadlines._members
    assert not connecting._race._attempts
    assert connecting._race._next is None
    assert outcomes == []


def test_who_awaits_gets_the_protocol_or_the_reason(net: Net) -> None:
    async def address(connector: Connector, host: str = "a.example") -> str:
        reached = await connector.connect(host, net.port, Origin)
        reached.transport.abortConnection()
        return reached.address

    assert wait_for(lambda: address(net.connector([SILENT, OPEN]))) == OPEN
    with pytest.raises(HostUnreachable):
        wait_for(lambda: address(net.connector([CLOSED])))
    with pytest.raises(HostNotFound):
        wait_for(lambda: address(net.connector([]), "gone.example"))


def test_addresses_inside_are_refused_unless_they_are_permitted(net: Net) -> None:
    async def connect() -> None:
        await Connector(running_reactor()).connect(OPEN, net.port, Origin)

    with pytest.raises(DestinationRefused):
        wait_for(connect)


def test_who_awaits_does_so_for_a_limited_time_and_then_nothing_is_left(net: Net) -> None:
    connector = net.connector([SILENT])

    async def connect() -> None:
        await connector.connect("a.example", net.port, Origin, within=timedelta(seconds=0.1))

    with pytest.raises(ConnectTimedOut):
        wait_for(connect)
    assert not connector.deadlines._members


def test_who_awaits_may_be_cancelled_while_a_name_is_looked_up() -> None:
    asked: list[Answer] = []
    names = Names(lambda host, answered: asked.append(answered), running_reactor())
    connector = Connector(running_reactor(), names=names)

    async def cancel() -> None:
        connecting = ensureDeferred(connector.connect("a.example", 80, Origin))
        connecting.cancel()
        await connecting

    with pytest.raises(CancelledError):
        wait_for(cancel)
    assert len(asked) == 1


def test_a_resolver_that_cannot_be_asked_is_no_missing_name() -> None:
    names = Names(lambda host, answered: answered(None), running_reactor())

    async def connect() -> None:
        await Connector(running_reactor(), names=names).connect("a.example", 80, Origin)

    with pytest.raises(NamesUnavailable):
        wait_for(connect)
