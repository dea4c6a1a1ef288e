"""The look-up of a domain's mail servers in DNS (RFC 5321 §5.1), and of their addresses."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred, gatherResults
from twisted.names import dns

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.outbound.dane.checked_resolver import CheckedResolver
from shared.outbound.dane.tlsa import TLSA, TlsaRecord, read_tlsa
from shared.outbound.dns_client import TRIES_SECONDS, BoundedResolver, DnsClient, NameMissing, NamesAway
from shared.outbound.places import ServerPlace
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host
from shared.reach.system_resolver import SystemResolver

KEPT_SECONDS = (60, 3600)  # an answer's own time to live, but no less and no more than these
MOST_KEPT_OCTETS = 2 << 20  # some 4,000 domains
MOST_KEYS = 20  # of one mail server; more are not looked at
MOST_EXCHANGERS = 100  # of one domain; more are not looked at

Answered = Callable[[Sequence[str] | None], None]


class Exchangers(NamedTuple):
    """What DNS says of a domain's mail servers.

    `by_preference`: names, in groups of equal preference, the most preferred first. None at all: the domain has no MX,
    and its own address is meant. `takes_none`: it says that it takes no mail (RFC 7505). `names_nothing`: what it names
    are no hosts. `preferences`: the number of each group. `is_secure`: a resolver that is trusted has checked
    it (DNSSEC).
    """

    by_preference: Sequence[Sequence[str]]
    takes_none: bool = False
    names_nothing: bool = False
    preferences: Sequence[int] = ()
    is_secure: bool = False


class _KeptExchangers(NamedTuple):
    exchangers: Exchangers
    until: float


def _weight(kept: _KeptExchangers) -> int:
    return ENTRY_OCTETS + sum(ENTRY_OCTETS * len(group) for group in kept.exchangers.by_preference)


class MailNames:
    """Asks DNS; one for a process. Also what shared/reach asks for addresses: call it with a host and a callback."""

    def __init__(
        self,
        reactor: Any,
        servers: Sequence[ServerPlace] = (),
        *,
        tries: Sequence[int] = TRIES_SECONDS,
        trusts_dnssec: bool = False,
    ) -> None:
        """`servers` are asked in place of those of the system; then /etc/hosts counts for nothing.

        `trusts_dnssec`: they are believed when they say that they have checked an answer.
        """
        self.dns = DnsClient(
            reactor, servers, tries=tries, resolver=CheckedResolver if trusts_dnssec else BoundedResolver
        )
        self._trusts_dnssec = trusts_dnssec
        self._addresses = None if servers else SystemResolver(reactor)
        self._seconds: Callable[[], float] = reactor.seconds
        self._kept: BoundedCache[str, _KeptExchangers] = BoundedCache(MOST_KEPT_OCTETS, _weight)

    async def exchangers(self, domain: str) -> Exchangers:
        """Raises NamesAway, NameMissing."""
        kept = self._kept.get(domain)
        if kept is not None:
            if kept.until > self._seconds():
                return kept.exchangers
            self._kept.drop(domain)
        records, is_secure = await self.dns.checked_records(domain, dns.MX)
        found = _exchangers(records)._replace(is_secure=is_secure)
        least, most = KEPT_SECONDS
        seconds = min(max(min((each.ttl for each in records), default=least), least), most)
        self._kept.put(domain, _KeptExchangers(found, self._seconds() + seconds))
        return found

    async def texts(self, name: str) -> Sequence[bytes]:
        """The TXT records of `name`, the strings of each as one. Raises NamesAway, NameMissing."""
        return [b"".join(each.payload.data) for each in await self.dns.records(name, dns.TXT)]

    async def keys(self, host: str, port: int) -> Sequence[TlsaRecord]:
        """The records of a mail server's keys (DANE); none unless they were checked. Raises NamesAway.

        An answer that is forged is none: the resolver says that it fails.
        """
        if not self._trusts_dnssec:
            return ()
        try:
            records, is_secure = await self.dns.checked_records(f"_{port}._tcp.{host}", TLSA)
        except NameMissing:
            return ()
        read = [read_tlsa(each.payload.data) for each in records] if is_secure else ()
        return [each for each in read[:MOST_KEYS] if each is not None]

    def __call__(self, host: str, answered: Answered) -> None:
        """`answered` gets the addresses of `host`, none if there are none; None if that is unknown."""
        if self._addresses is not None:
            self._addresses(host, answered)
            return
        Deferred.fromCoroutine(self._both(host)).addCallbacks(answered, lambda failure: answered(None))

    async def _both(self, host: str) -> Sequence[str]:
        """IPv6 first, as RFC 6724 has it. A failure of one family counts only where the other has nothing."""
        asked: list[Coroutine[Any, Any, Sequence[str] | NamesAway]] = [
            self._of_family(host, dns.AAAA, socket.AF_INET6),
            self._of_family(host, dns.A, socket.AF_INET),
        ]
        answers = await gatherResults([Deferred.fromCoroutine(each) for each in asked])
        found = [address for answer in answers if not isinstance(answer, NamesAway) for address in answer]
        if not found:
            for answer in answers:
                if isinstance(answer, NamesAway):
                    raise answer
        return found

    async def _of_family(self, host: str, kind: int, family: int) -> Sequence[str] | NamesAway:
        try:
            records = await self.dns.records(host, kind)
        except NameMissing:
            return ()
        except NamesAway as error:
            return error
        return [socket.inet_ntop(family, each.payload.address) for each in records]


def _exchangers(records: Sequence[Any]) -> Exchangers:
    """Labels may have any octets in them: what is no host's name is left out, so that it gets into no report or log."""
    if len(records) == 1 and not _octets(records[0]):
        return Exchangers((), takes_none=True)
    by_preference: dict[int, list[str]] = {}
    for record in records[:MOST_EXCHANGERS]:
        with suppress(HostUnusable):
            name = canonical_host(_octets(record).decode("ascii", "replace"))
            by_preference.setdefault(record.payload.preference, []).append(name)
    groups = [by_preference[preference] for preference in sorted(by_preference)]
    return Exchangers(groups, names_nothing=bool(records) and not groups, preferences=sorted(by_preference))


def _octets(record: Any) -> bytes:
    name: bytes = record.payload.name.name
    return name.rstrip(b".")


def shuffled(exchangers: Exchangers) -> list[str]:
    """The names in the order to try them: those of equal preference at random."""
    names: list[str] = []
    for group in exchangers.by_preference:
        names += random.sample(group, len(group))
    return names
