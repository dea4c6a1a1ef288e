"""An origin is connected to by its name, and this proxy's own doors are no origins."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from services.http_proxy.connect import OriginConnector
from services.http_proxy.errors import Loop
from services.http_proxy.origin_side import OriginSide
from shared.reach.errors import DestinationRefused
from shared.reach.names import Names
from shared.testing.addresses import Addresses
from shared.testing.reactor import running_reactor, wait_for

OWN_PORT = 3128


def outcome_of(addresses: Sequence[str], port: int, *, permitted: bool = True) -> OriginSide | Exception:
    """At once, for all of it is on this machine."""

    async def connect() -> OriginSide | Exception:
        reactor = running_reactor()
        names = Names(Addresses({"a.example": [addresses]}), reactor)
        connector = OriginConnector(reactor, names, lambda _: permitted, lambda _, port: port == OWN_PORT)
        outcomes: list[OriginSide | Exception] = []
        connector.connect(b"a.example", "a.example", port, "me", lambda _: None, outcomes.append)
        (outcome,) = outcomes
        if isinstance(outcome, OriginSide):
            outcome.abort()
        return outcome

    return wait_for(connect)


def test_an_origin_knows_its_authority_and_the_address_that_accepted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        origin = outcome_of(["127.0.0.1"], web.getsockname()[1])
    assert isinstance(origin, OriginSide)
    assert (origin.key, origin.address) == (b"a.example", "127.0.0.1")


def test_our_own_doors_are_a_loop_and_only_where_one_may_go_at_all() -> None:
    assert type(outcome_of(["127.0.0.1"], OWN_PORT)) is Loop
    assert type(outcome_of(["127.0.0.1"], OWN_PORT, permitted=False)) is DestinationRefused
