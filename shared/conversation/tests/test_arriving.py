"""A connection that has not said whose it is, or has not finished its handshake: it has its time, and no words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock

from shared.conversation.admitting_factory import AdmittingFactory
from shared.conversation.deadlines import TICK_SECONDS
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.conversation.tests.sessions import Client, door

PROXY = "10.1.2.3"
HEADER = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 25\r\n"
LIMITS = Limits(line_octets=100, handshake=timedelta(seconds=30))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["conversation", "any factory"])
def factory(request: pytest.FixtureRequest, clock: Clock) -> ConversationFactory:
    """A door to which a trusted proxy connects."""
    options: Any = {"limits": LIMITS, "trusted_proxies": [PROXY]}
    if request.param == "conversation":
        return door(clock=clock, **options)
    return AdmittingFactory(Factory.forProtocol(Protocol), name="test", clock=clock, **options)


def test_no_header_in_time_is_no_word_and_counted(factory: ConversationFactory, clock: Clock) -> None:
    client = Client(factory, PROXY)
    client.send(HEADER[:9])
    clock.pump([1] * 29)
    assert not client.transport.aborted
    clock.pump([1] * 2)
    assert client.transport.aborted
    assert client.heard() == b""
    assert factory.counts.timed_out == 1
    client.leave()
    assert factory.counts.open_now == 0


def test_garbage_instead_of_a_header_is_cut_off_and_the_rest_not_looked_at(factory: ConversationFactory) -> None:
    client = Client(factory, PROXY)
    assert client.send(b"EHLO me\r\n", HEADER, b"QUIT\r\n") == b""
    assert client.transport.aborted
    client.leave()
    assert (factory.counts.accepted, factory.counts.open_now) == (0, 0)


def test_proxy_that_leaves_before_its_header_is_forgotten(factory: ConversationFactory, clock: Clock) -> None:
    client = Client(factory, PROXY)
    client.send(HEADER[:9])
    client.leave()
    assert factory.counts.open_now == 0
    clock.advance(TICK_SECONDS)
    assert not clock.getDelayedCalls()


def test_header_in_time_gives_a_client_its_own_time(factory: ConversationFactory, clock: Clock) -> None:
    client = Client(factory, PROXY)
    clock.pump([1] * 20)
    client.send(HEADER)
    clock.pump([1] * 60)
    assert not client.is_closed
    assert factory.counts.accepted == 1


def test_conversation_that_never_began_is_finished_once() -> None:
    client = Client(door(trusted_proxies=[PROXY]), PROXY)
    client.send(b"EHLO me\r\n")
    client.leave()
    assert client.session.is_finished == 1


def test_proxy_that_closes_its_half_before_its_header_is_cut_off() -> None:
    client = Client(door(trusted_proxies=[PROXY]), PROXY)
    client.send(HEADER[:9])
    client.session.readConnectionLost()
    assert client.transport.aborted
