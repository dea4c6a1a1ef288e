"""DNS as the checks ask it: texts, addresses and names, remembered for as long as their records say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, NamedTuple, TypeAlias

from twisted.names import dns

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.outbound.dns_client import DnsClient, NameMissing

KEPT_SECONDS = (60, 3600)  # a record's own time to live, but no less and no more than these
MOST_KEPT_OCTETS = 4 << 20  # some 8,000 answers
IpAddress: TypeAlias = IPv4Address | IPv6Address
_LABEL = re.compile(r"[ -\-/-~]{1,63}")  # printable ASCII without a dot


class _KeptAnswer(NamedTuple):
    values: Sequence[Any]
    until: float


def _weight(kept: _KeptAnswer) -> int:
    return 2 * ENTRY_OCTETS + sum(ENTRY_OCTETS + (len(each) if isinstance(each, bytes) else 0) for each in kept.values)


def is_name(name: str) -> bool:
    """Whether DNS can be asked for it."""
    return len(name) <= 253 and all(map(_LABEL.fullmatch, name.removesuffix(".").split(".")))


class CheckedNames:
    """What is asked of DNS; a name that does not exist, or that is none, has no records.

    All raise NamesAway (shared/outbound/dns_client.py).
    """

    def __init__(self, client: DnsClient, seconds: Callable[[], float]) -> None:
        self._client = client
        self._seconds = seconds
        self._kept: BoundedCache[tuple[str, int], _KeptAnswer] = BoundedCache(MOST_KEPT_OCTETS, _weight)

    async def texts(self, name: str) -> Sequence[bytes]:
        """TXT records, the strings of each joined."""
        return await self._values(name, dns.TXT, lambda record: b"".join(record.data))

    async def addresses(self, name: str, version: int) -> Sequence[IpAddress]:
        kind = dns.A if version == 4 else dns.AAAA
        return await self._values(name, kind, lambda record: ip_address(record.address))

    async def exchangers(self, name: str) -> Sequence[str]:
        return await self._values(name, dns.MX, lambda record: _text(record.name))

    async def names_of(self, address: IpAddress) -> Sequence[str]:
        """PTR records."""
        return await self._values(address.reverse_pointer, dns.PTR, lambda record: _text(record.name))

    async def _values(self, name: str, kind: int, read: Callable[[Any], Any]) -> Sequence[Any]:
        name = name.lower().removesuffix(".")
        kept = self._kept.get((name, kind))
        if kept is not None:
            if kept.until > self._seconds():
                return kept.values
            self._kept.drop((name, kind))
        if not is_name(name):
            return ()
        records: Sequence[Any]
        try:
            records = await self._client.records(name, kind)
        except NameMissing:
            records = ()
        values = [read(each.payload) for each in records]
        least, most = KEPT_SECONDS
        seconds = min(max(min((each.ttl for each in records), default=least), least), most)
        self._kept.put((name, kind), _KeptAnswer(values, self._seconds() + seconds))
        return values


def _text(name: Any) -> str:
    octets: bytes = name.name
    return octets.decode("ascii", "replace").rstrip(".").lower()
