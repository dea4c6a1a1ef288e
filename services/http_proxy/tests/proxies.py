"""A proxy for the tests: its own parts, on loopback, with what a test wants to be different."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, NamedTuple, cast

from twisted.internet.task import Clock

from services.http_proxy.client_side import ClientSide
from services.http_proxy.connect import OriginConnector
from services.http_proxy.counts import ProxyCounts
from services.http_proxy.gate import Gate
from services.http_proxy.parts import Patience, ProxyParts
from services.http_proxy.pool import OriginPool
from shared.access.limits.allowance import Allowance
from shared.access.rulebook import Rulebook
from shared.access.rules.rules import Rules
from shared.access.usage.usage import Usage
from shared.access.words.words import Words
from shared.accounts.http_credentials import HttpCredentials
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.database.database import Database
from shared.events.bus import Bus
from shared.reach.destinations import DestinationPolicy
from shared.reach.names import Names
from shared.reach.system_resolver import SystemResolver
from shared.testing.builders import rules_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PSEUDONYM = b"agora-test"


class GateParts(NamedTuple):
    """What a gate asks, and what it counts with."""

    rulebook: Rulebook
    allowance: Allowance
    usage: Usage
    words: Words


def without_store(rules: Rules) -> GateParts:
    """Rules that stand, and no limits. There is no store: the clock stands still, so that nothing is written."""
    clock, no_store = Clock(), cast(Database, None)
    rulebook = Rulebook(no_store, cast(Bus, None), clock)
    rulebook.rules = rules
    usage = Usage(no_store, clock)
    words: Any = Words(no_store, cast(Any, clock), lambda account_id: False)
    return GateParts(rulebook, Allowance(rulebook, usage, clock), usage, words)


@dataclass
class Running:
    """A proxy that runs."""

    port: int
    gate_parts: GateParts
    parts: ProxyParts
    factory: ConversationFactory

    @property
    def counts(self) -> ProxyCounts:
        """What is counted for Prometheus."""
        return self.parts.gate.counts


@contextmanager
def proxy(
    *,
    credentials: HttpCredentials | None = None,
    resolver: Any = None,
    networks: Sequence[Any] = LOOPBACK,
    is_self: Callable[[str, int], bool] = lambda address, port: False,
    connect_ports: Any = range(1, 65536),
    gate_parts: GateParts | None = None,
    patience: Patience = Patience(),  # noqa: B008  # frozen
    **factory_options: Any,
) -> Iterator[Running]:
    """A proxy on loopback that lets everybody there in, unless it has credentials."""
    reactor = running_reactor()
    gate_parts = gate_parts or without_store(rules_of([]))

    async def build() -> ProxyParts:
        names = Names(resolver or SystemResolver(reactor), reactor)
        return ProxyParts(
            name="http_proxy",
            gate=Gate(*gate_parts),
            credentials=credentials or cast(HttpCredentials, None),
            pool=OriginPool(reactor),
            connector=OriginConnector(reactor, names, DestinationPolicy(networks).permits, is_self),
            pseudonym=PSEUDONYM,
            connect_ports=connect_ports,
            open_networks=LOOPBACK if credentials is None else (),
            patience=patience,
        )

    parts = wait_for(build)
    options = {"limits": Limits(), **factory_options}
    factory = ConversationFactory(lambda: ClientSide(parts), name="test", clock=reactor, **options)

    async def close() -> None:
        for each in list(factory.conversations()):
            each.cut_off()
        parts.pool.close()

    with serving(factory) as port:
        try:
            yield Running(port, gate_parts, parts, factory)
        finally:
            wait_for(close)
