"""A proxy for the tests: its own parts, on loopback, with what a test wants to be different."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any, cast

from services.http_proxy.client_side import ClientSide
from services.http_proxy.connect import OriginConnector
from services.http_proxy.gate import Gate, Observer
from services.http_proxy.parts import Patience, ProxyParts
from services.http_proxy.pool import Pool
from shared.access.rules.rules import Rules
from shared.accounts.http_credentials import HttpCredentials
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.errors import DomainError
from shared.reach.destinations import DestinationPolicy
from shared.reach.names import Names
from shared.reach.system_resolver import SystemResolver
from shared.testing.builders import rules_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PSEUDONYM = b"agora-test"


@dataclass
class Books:
    """What the domain would do, in memory: rules that stand, no limits, and what was counted."""

    rules: Rules = field(default_factory=lambda: rules_of([]))
    counted: list[tuple[int | None, str, int, int, int, int]] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)
    entered: int = 0
    refusal: DomainError | None = None

    def take(self, account_id: int | None) -> DomainError | None:
        return self.refusal

    def may_go_on(self, account_id: int | None) -> DomainError | None:
        return self.refusal

    def enter(self, account_id: int | None) -> DomainError | None:
        self.entered += 1
        return None

    def leave(self, account_id: int | None) -> None:
        self.entered -= 1

    def count(
        self, account_id: int | None, host: str, status: int, octets_in: int, octets_out: int, requests: int = 1
    ) -> None:
        self.counted.append((account_id, host, status, octets_in, octets_out, requests))

    def observe(
        self, account_id: int | None, host: str, content_type: bytes, content_encoding: bytes
    ) -> Observer | None:
        return _Reader(self.read) if content_type.startswith(b"text/html") else None


@dataclass
class _Reader:
    read: list[bytes]

    def feed(self, data: bytes) -> None:
        self.read.append(data)

    def end(self, complete: bool) -> None:
        self.read.append(b"|complete" if complete else b"|broken")


@dataclass
class Running:
    """A proxy that runs."""

    port: int
    books: Books
    parts: ProxyParts
    factory: ConversationFactory


@contextmanager
def proxy(
    *,
    credentials: HttpCredentials | None = None,
    resolver: Any = None,
    networks: Sequence[Any] = LOOPBACK,
    is_self: Callable[[str, int], bool] = lambda address, port: False,
    connect_ports: Any = range(1, 65536),
    books: Books | None = None,
    patience: Patience = Patience(),  # noqa: B008  # frozen
    **factory_options: Any,
) -> Iterator[Running]:
    """A proxy on loopback that lets everybody there in, unless it has an credentials."""
    reactor = running_reactor()
    books = books or Books()

    async def build() -> ProxyParts:
        names = Names(resolver or SystemResolver(reactor), reactor)
        return ProxyParts(
            name="http_proxy",
            gate=Gate(books, books, books, books),
            credentials=credentials or cast(HttpCredentials, None),
            pool=Pool(reactor),
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
            yield Running(port, books, parts, factory)
        finally:
            wait_for(close)
