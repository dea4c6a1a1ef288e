"""The check of DNS: whether other mail servers find this one."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from twisted.names.client import Resolver
from twisted.names.error import DNSNameError, DNSQueryTimeoutError, DomainError, ResolverError

from shared.command_line.stack.checks.finding import Finding, fine, warning, wrong
from shared.runtime.settings import ServiceSettings

TIMEOUTS = (2, 4)  # seconds for each try


async def check_dns(
    reactor: Any, settings: ServiceSettings, servers: Sequence[tuple[str, int]] | None = None
) -> Sequence[Finding]:
    """MX of the mail domain, the host's addresses, and the way back from them.

    `servers` are asked instead of the machine's own name servers.
    """
    if "." not in settings.mail_domain:
        return [fine("DNS", f"{settings.mail_domain} is for this machine only: nothing to look up")]
    names = _Names(reactor, servers)
    try:
        return [*await _mail_exchangers(names, settings), *await _host(names, settings.hostname)]
    except (DomainError, DNSQueryTimeoutError, ResolverError, OSError) as error:
        return [warning("DNS", f"no answer: {type(error).__name__}", "Does this machine reach a name server?")]


class _Names:
    """Looks names up, as lists of words."""

    def __init__(self, reactor: Any, servers: Sequence[tuple[str, int]] | None) -> None:
        own = None if servers else "/etc/resolv.conf"
        self._resolver: Any = Resolver(resolv=own, servers=servers, reactor=reactor)

    async def mail_exchangers(self, domain: str) -> list[str]:
        answers = await self._look_up(self._resolver.lookupMailExchange, domain)
        return [str(answer.payload.name) for answer in sorted(answers, key=lambda answer: answer.payload.preference)]

    async def addresses(self, name: str) -> list[str]:
        four = await self._look_up(self._resolver.lookupAddress, name)
        six = await self._look_up(self._resolver.lookupIPV6Address, name)
        return [answer.payload.dottedQuad() for answer in four] + [
            str(ip_address(answer.payload.address)) for answer in six
        ]

    async def name_of(self, address: str) -> str | None:
        answers = await self._look_up(self._resolver.lookupPointer, ip_address(address).reverse_pointer)
        return str(answers[0].payload.name) if answers else None

    async def _look_up(self, method: Any, name: str) -> list[Any]:
        try:
            answers, _, _ = await method(name, timeout=TIMEOUTS)
        except DNSNameError:  # NXDOMAIN
            return []
        return [answer for answer in answers if answer.type in (1, 28, 15, 12)]  # A, AAAA, MX, PTR; not the CNAMEs


async def _mail_exchangers(names: _Names, settings: ServiceSettings) -> Sequence[Finding]:
    domain, hostname = settings.mail_domain, settings.hostname
    exchangers = await names.mail_exchangers(domain)
    if not exchangers:
        # RFC 5321 §5.1: without MX the domain's own address is meant, if it has one.
        advice = f"Others cannot send you mail reliably. Publish: {domain}. MX 10 {hostname}."
        return [wrong("DNS", f"{domain} has no MX", advice)]
    if hostname not in exchangers:
        return [
            warning(
                "DNS", f"mail for {domain} goes to {', '.join(exchangers)}", f"Not to {hostname}: is that intended?"
            )
        ]
    return [fine("DNS", f"mail for {domain} goes to {', '.join(exchangers)}")]


async def _host(names: _Names, hostname: str) -> Sequence[Finding]:
    addresses = await names.addresses(hostname)
    if not addresses:
        return [wrong("DNS", f"{hostname} has no address", "Publish an A or AAAA record, or set AGORA_HOSTNAME.")]
    findings = [fine("DNS", f"{hostname} is {', '.join(addresses)}")]
    for address in addresses:
        back = await names.name_of(address)
        if back != hostname:
            advice = f"Many servers refuse mail then. The provider of {address} can set its reverse name to {hostname}."
            findings.append(warning("DNS", f"{address} is called {back or 'nothing'}", advice))
    return findings
