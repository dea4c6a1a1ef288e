"""A DNS server of the tests' own, which stands in for the world."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import CannotListenError
from twisted.names import dns
from twisted.names.common import ResolverBase
from twisted.names.error import AuthoritativeDomainError
from twisted.names.server import DNSServerFactory

from shared.outbound.dane.tlsa import TLSA
from shared.outbound.places import ServerPlace
from shared.testing.reactor import running_reactor, wait_for

Records = Mapping[str, Sequence[Any] | None]  # None: the server fails for this name


def mx(preference: int, name: str | bytes) -> Any:
    return dns.Record_MX(preference, name, ttl=60)


def a(address: str) -> Any:
    return dns.Record_A(address, ttl=60)


def aaaa(address: str) -> Any:
    return dns.Record_AAAA(address, ttl=60)


def txt(text: str | bytes, *, name: str = "") -> Any:
    """In strings of 255 octets, as it has to be; as the record of another `name`, where that is given."""
    octets = text.encode() if isinstance(text, str) else text
    return _of(dns.Record_TXT(*(octets[start : start + 255] for start in range(0, len(octets), 255)), ttl=60), name)


def ptr(name: str) -> Any:
    return dns.Record_PTR(name, ttl=60)


def alias(target: str, *, name: str = "") -> Any:
    """CNAME."""
    return _of(dns.Record_CNAME(target, ttl=60), name)


def _of(record: Any, name: str) -> Any:
    record.owner = name
    return record


class Record_TLSA(dns.UnknownRecord):
    """twisted.names does not know it."""

    TYPE = TLSA  # type: ignore[assignment]


def tlsa(usage: int, selector: int, matching: int, content: bytes) -> Any:
    return Record_TLSA(bytes([usage, selector, matching]) + content, ttl=60)


class _CheckingServer(DNSServerFactory):
    """Says that answers about names in `secure` were checked, where the question wants to know."""

    secure: Collection[str] = ()

    def sendReply(self, protocol: Any, message: Any, address: Any) -> None:
        wants = self._wanted.pop(message.id, False)
        message.authenticData = int(wants and message.queries[0].name.name.decode().lower() in self.secure)
        super().sendReply(protocol, message, address)

    def messageReceived(self, message: Any, proto: Any, address: Any = None) -> None:
        self._wanted[message.id] = bool(message.authenticData)
        super().messageReceived(message, proto, address)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._wanted: dict[int, bool] = {}


class World(ResolverBase):
    """Answers for these names; all others do not exist."""

    def __init__(self, records: Records) -> None:
        super().__init__()
        self.records = records

    def _lookup(self, name: bytes, cls: int, type: int, timeout: object) -> Deferred[Any]:
        asked = name.decode().lower()
        if asked not in self.records:
            return fail(AuthoritativeDomainError(name))
        records = self.records[asked]
        if records is None:
            return fail(RuntimeError("the server fails"))
        found = [
            dns.RRHeader(getattr(each, "owner", "") or name, each.TYPE, dns.IN, each.ttl, each, auth=True)
            for each in records
            if each.TYPE in (type, dns.CNAME)
        ]
        return succeed((found, [], []))


@contextmanager
def serving_names(records: Records, secure: Collection[str] = ()) -> Iterator[ServerPlace]:
    """Where it answers; `secure` are names whose signatures it has checked."""
    factory = _CheckingServer(clients=[World(records)])
    factory.secure = secure
    factory.noisy = False
    reactor = running_reactor()
    udp, tcp = _listen(reactor, factory)
    try:
        yield ServerPlace("127.0.0.1", udp.getHost().port)
    finally:
        udp.stopListening()
        tcp.stopListening()


@contextmanager
def serving_names_aside(records: Records) -> Iterator[ServerPlace]:
    """The same for tests that are no coroutines; `records` may be changed meanwhile."""
    with ExitStack() as opened:

        async def start() -> ServerPlace:
            return opened.enter_context(serving_names(records))

        async def stop() -> None:
            opened.close()

        place = wait_for(start)
        try:
            yield place
        finally:
            wait_for(stop)


def _listen(reactor: Any, factory: DNSServerFactory) -> tuple[Any, Any]:
    """By UDP and TCP, at one port: the kernel chooses it for UDP, and it may be somebody's for TCP."""
    while True:
        udp = reactor.listenUDP(0, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
        try:
            return udp, reactor.listenTCP(udp.getHost().port, factory, interface="127.0.0.1")
        except CannotListenError:
            udp.stopListening()
