"""Names are looked up once for all who ask, and remembered for a while; addresses are tried in turn."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHostnameResolver
from twisted.internet.task import Clock
from zope.interface import implementer

from services.http_proxy.errors import HostNotFound, NamesUnavailable
from services.http_proxy.names import KEPT_SECONDS, LONGEST_LOOK_UP_SECONDS, MOST_KEPT, REFUSAL_KEPT_SECONDS, Names
from services.http_proxy.reach import interleave
from services.http_proxy.tests.proxies import Addresses


@implementer(IHostnameResolver)
class Silent:
    """A resolver that answers when it is told to."""

    def __init__(self) -> None:
        self.receivers: list[Any] = []

    def resolveHostName(self, receiver: Any, hostName: str, *_: object, **__: object) -> Any:
        self.receivers.append(receiver)


def start(work: Coroutine[Any, Any, Any]) -> Deferred[Any]:
    return Deferred.fromCoroutine(work)


async def test_an_answer_is_kept_for_its_time() -> None:
    clock, resolver = Clock(), Addresses({"a.example": [["192.0.2.1"], ["192.0.2.2"]]})
    names = Names(resolver, clock)
    assert await names.addresses("a.example") == ("192.0.2.1",)
    clock.advance(KEPT_SECONDS - 1)
    assert await names.addresses("a.example") == ("192.0.2.1",)
    clock.advance(1)
    assert await names.addresses("a.example") == ("192.0.2.2",)


async def test_that_there_is_none_is_kept_shortly() -> None:
    clock, resolver = Clock(), Addresses({"a.example": [[], ["192.0.2.2"]]})
    names = Names(resolver, clock)
    for _ in range(2):
        with pytest.raises(HostNotFound):
            await names.addresses("a.example")
    clock.advance(REFUSAL_KEPT_SECONDS)
    assert await names.addresses("a.example") == ("192.0.2.2",)
    assert len(resolver.asked) == 2


async def test_addresses_are_not_looked_up() -> None:
    resolver = Addresses({})
    names = Names(resolver, Clock())
    assert await names.addresses("192.0.2.1") == ("192.0.2.1",)
    assert await names.addresses("2001:db8:0::1") == ("2001:db8::1",)
    assert resolver.asked == []


async def test_who_asks_at_the_same_time_shares_the_answer() -> None:
    resolver = Silent()
    names = Names(resolver, Clock())
    asked = [start(names.addresses("a.example")) for _ in range(5)]
    assert len(resolver.receivers) == 1
    resolver.receivers[0].addressResolved(IPv4Address("TCP", "192.0.2.1", 0))
    resolver.receivers[0].addressResolved(IPv4Address("TCP", "192.0.2.1", 0))
    resolver.receivers[0].resolutionComplete()
    assert [await each for each in asked] == [("192.0.2.1",)] * 5


async def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    clock, resolver = Clock(), Silent()
    names = Names(resolver, clock)
    asked = start(names.addresses("a.example"))
    clock.advance(LONGEST_LOOK_UP_SECONDS)
    with pytest.raises(NamesUnavailable):
        await asked
    resolver.receivers[0].resolutionComplete()  # too late, and harmless


async def test_what_is_kept_is_bounded() -> None:
    names = Names(Addresses({}), Clock())
    for number in range(MOST_KEPT + 10):
        names.answered(f"{number}.example", ("192.0.2.1",))
    assert len(names._kept) == MOST_KEPT


def test_both_families_are_tried_in_turn() -> None:
    assert interleave(["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"]) == ["::1", "1.1.1.1", "::2", "2.2.2.2", "::3"]
    assert interleave(["1.1.1.1", "::1"]) == ["1.1.1.1", "::1"]
    assert interleave(["1.1.1.1"]) == ["1.1.1.1"]
