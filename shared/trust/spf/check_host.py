"""check_host() of RFC 7208 §4: may this client send for this domain."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple, TypeVar

from shared.outbound.dns_client import NamesAway
from shared.trust.names import CheckedNames, IpAddress, is_name
from shared.trust.spf.macros import expand, has_validated_name
from shared.trust.spf.record import BadRecord, Mechanism, SpfRecord, is_spf, read_record
from shared.trust.verdict import FAIL, NEUTRAL, NONE, PASS, PERMERROR, SOFTFAIL, TEMPERROR

MOST_LOOK_UPS = 10  # terms that ask DNS (§4.6.4)
MOST_VOID = 2  # answers without a record (§4.6.4)
MOST_NAMES = 10  # of one mx, and of the names of an address (§4.6.4)
T = TypeVar("T")


class _PermError(Exception):
    """The records cannot be evaluated: a syntax error, or too many look-ups."""


class SpfClient(NamedTuple):
    """A client, as SPF knows it."""

    address: str
    helo: str
    local_part: str
    domain: str  # of the sender


async def check_host(names: CheckedNames, client: SpfClient) -> str:
    """One of the words of §2.6. Never raises."""
    domain = client.domain.removesuffix(".")
    if not is_name(domain) or "." not in domain:
        return NONE  # §4.3
    evaluation = _Evaluation(names, client)
    try:
        return await evaluation.of_domain(domain)
    except _PermError:
        return PERMERROR
    except NamesAway:
        return TEMPERROR


class _Evaluation:
    """One evaluation, with what it has asked so far."""

    def __init__(self, names: CheckedNames, client: SpfClient) -> None:
        self._names = names
        self._client = client
        address = ip_address(client.address)
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        self._address: IpAddress = mapped or address
        self._look_ups = self._void = 0
        self._own_names: Sequence[str] | None = None  # of the address, looked up already

    async def of_domain(self, domain: str) -> str:
        """The result of the domain's record; NONE if it has none."""
        records = [text for text in await self._names.texts(domain) if is_spf(text)]
        if not records:
            return NONE
        if len(records) > 1:
            raise _PermError  # §4.5
        try:
            record = read_record(records[0])
        except BadRecord as error:
            raise _PermError from error
        return await self._of_record(record, domain)

    async def _of_record(self, record: SpfRecord, domain: str) -> str:
        for mechanism in record.mechanisms:
            if await self._matches(mechanism, domain):
                return mechanism.result
        if record.redirect is None:
            return NEUTRAL
        self._count()
        result = await self.of_domain(await self._expanded(record.redirect, domain))
        if result == NONE:
            raise _PermError  # §6.1
        return result

    async def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        if mechanism.name == "all":
            return True
        if mechanism.network is not None:
            return self._address in mechanism.network
        self._count()
        target = domain if mechanism.domain is None else await self._expanded(mechanism.domain, domain)
        if mechanism.name == "include":
            return await self._includes(target)
        if mechanism.name == "ptr":
            return any(
                name == target.lower() or name.endswith("." + target.lower()) for name in await self._validated()
            )
        if mechanism.name == "exists":
            return bool(await self._answered(self._names.addresses(target, 4)))
        hosts = [target]
        if mechanism.name == "mx":
            hosts = list(await self._answered(self._names.exchangers(target)))
            if len(hosts) > MOST_NAMES:
                raise _PermError
        for host in hosts:
            if await self._is_at(host, mechanism.lengths):
                return True
        return False

    async def _includes(self, target: str) -> bool:
        """§5.2 has the table."""
        result = await self.of_domain(target)
        if result == NONE:
            raise _PermError
        assert result in (PASS, FAIL, SOFTFAIL, NEUTRAL)
        return result == PASS

    async def _is_at(self, host: str, lengths: tuple[int, int]) -> bool:
        """Whether the client's address is one of the host's, as far as the prefix goes."""
        own = self._address
        prefix = lengths[0] if isinstance(own, IPv4Address) else lengths[1]
        for address in await self._answered(self._names.addresses(host, own.version)):
            if own == address:
                return True
            if prefix < own.max_prefixlen and own in ip_network((address, prefix), strict=False):
                return True
        return False

    async def _validated(self) -> Sequence[str]:
        """The names of the address that lead back to it (§5.5); none where DNS is away."""
        if self._own_names is None:
            self._own_names = ()
            found = []
            try:
                for name in (await self._names.names_of(self._address))[:MOST_NAMES]:
                    if self._address in await self._addresses_of(name):
                        found.append(name)
            except NamesAway:
                pass
            self._own_names = found
        return self._own_names

    async def _addresses_of(self, name: str) -> Sequence[IpAddress]:
        try:
            return await self._names.addresses(name, self._address.version)
        except NamesAway:
            return ()

    async def _answered(self, asked: Awaitable[Sequence[T]]) -> Sequence[T]:
        """The answer, counted if there is nothing in it."""
        found = await asked
        if not found:
            self._void += 1
            if self._void > MOST_VOID:
                raise _PermError
        return found

    def _count(self) -> None:
        self._look_ups += 1
        if self._look_ups > MOST_LOOK_UPS:
            raise _PermError

    async def _expanded(self, text: str, domain: str) -> str:
        """§7.2 has the letters."""
        if "%" not in text:
            return text.removesuffix(".")
        client, own = self._client, self._address
        local = client.local_part or "postmaster"
        dotted = str(own) if own.version == 4 else ".".join(own.exploded.replace(":", ""))
        validated = "unknown"
        if has_validated_name(text):
            names = await self._validated()
            validated = next((name for name in names if name == domain), None) or next(
                (name for name in names if name.endswith("." + domain)), names[0] if names else "unknown"
            )
        values = {
            "s": f"{local}@{client.domain}",
            "l": local,
            "o": client.domain,
            "d": domain,
            "i": dotted,
            "p": validated,
            "v": "in-addr" if own.version == 4 else "ip6",
            "h": client.helo,
        }
        return expand(text, values).removesuffix(".")
