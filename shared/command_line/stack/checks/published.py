"""The check of what DNS says of a domain: SPF, the keys its mail is signed with, DMARC, where the doors are.

Where the domain has a policy about TLS, also who is sent the reports about it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import psycopg2
from twisted.names import dns
from twisted.names.client import Resolver
from twisted.names.error import DNSNameError

from shared.administration import domains
from shared.command_line.stack.checks.finding import Finding, fine, warning
from shared.database.blocking import BlockingDatabase
from shared.database.url import url_with_password
from shared.outbound.mta_sts.settings import OwnMode
from shared.runtime.settings import ServiceSettings

TIMEOUTS = (2, 4)  # seconds for each try


async def check_published(
    reactor: Any,
    settings: ServiceSettings,
    hint: Callable[[str], str],
    servers: Sequence[tuple[str, int]] | None = None,
    policy: OwnMode = "off",
) -> Sequence[Finding]:
    """Of AGORA_MAIL_DOMAIN, unless that is for this machine only. `servers` are asked in place of the system's.

    `policy` is that about TLS.
    """
    domain = settings.mail_domain
    if "." not in domain:
        return []
    try:
        url = url_with_password(settings.database_url, settings.database_password_file)
        keys = BlockingDatabase(url, "agora check").read(domains.keys_of, domain)
        resolver: Any = Resolver(resolv=None if servers else "/etc/resolv.conf", servers=servers, reactor=reactor)
        advice = f"{hint(f'domain dns {domain}')} shows what to publish."
        return [
            _only_one("SPF", "v=spf1", domain, await _texts(resolver, domain), advice),
            *[await _key(resolver, record, advice) for record in domains.dkim_records(keys)],
            await _dmarc(resolver, domain, advice),
            await _services(resolver, settings, advice),
            *([] if policy == "off" else [await _reports(resolver, domain, advice)]),
        ]
    except (psycopg2.Error, OSError):
        return []
    except Exception as error:  # twisted.names has many; check_dns says what is wrong
        return [
            warning("DKIM", f"DNS gives no answer: {type(error).__name__}", "Does this machine reach a name server?")
        ]


async def _key(resolver: Any, record: domains.DnsRecord, advice: str) -> Finding:
    found = [text.replace(" ", "") for text in await _texts(resolver, record.name)]
    if record.data.replace(" ", "") in found:
        return fine("DKIM", f"{record.name} has the key")
    return warning("DKIM", f"{record.name} has {'another' if found else 'no'} key in DNS", advice)


async def _dmarc(resolver: Any, domain: str, advice: str) -> Finding:
    """Any policy is the operator's choice."""
    name = domains.dmarc_name(domain)
    return _only_one("DMARC", "v=dmarc1", name, await _texts(resolver, name), advice)


async def _reports(resolver: Any, domain: str, advice: str) -> Finding:
    """Who gets them is the operator's choice. Of several records none counts (RFC 8460 §3)."""
    name = domains.reports_name(domain)
    return _only_one("TLSRPT", "v=tlsrptv1", name, await _texts(resolver, name), advice)


def _only_one(subject: str, begins: str, name: str, texts: Sequence[str], advice: str) -> Finding:
    """A policy counts where there is one record of it, and no more (RFC 7208 §4.5, RFC 7489 §6.6.3)."""
    found = [text for text in texts if text.lower().startswith(begins)]
    if len(found) == 1:
        return fine(subject, f"{name} says {found[0]}")
    return warning(subject, f"{name} has {'several records' if found else 'no record'}", advice)


async def _services(resolver: Any, settings: ServiceSettings, advice: str) -> Finding:
    """The port and host of each service count; priorities and weights are the operator's choice."""
    domain = settings.mail_domain
    missing, others = [], []
    for record in domains.service_records(domain, settings.hostname.lower(), settings.all_public_ports()):
        found = await _places(resolver, record.name)
        if not found:
            missing.append(record.name)
        elif record.data.split()[2:] not in found:
            others.append(f"{record.name} leads to {' port '.join(reversed(found[0]))}")
    if not missing and not others:
        return fine("SRV", f"mail programs find the doors of {domain}")
    said = [*([f"no record for {', '.join(missing)}"] if missing else []), *others]
    return warning("SRV", "; ".join(said), advice)


async def _places(resolver: Any, name: str) -> Sequence[list[str]]:
    """The port and the target of each record, as a zone's file has them."""
    return [
        [str(each.port), f"{str(each.target).lower().removesuffix('.')}."]
        for each in await _answers(resolver.lookupService, name, dns.SRV)
    ]


async def _texts(resolver: Any, name: str) -> Sequence[str]:
    answers = await _answers(resolver.lookupText, name, dns.TXT)
    return [b"".join(each.data).decode("ascii", "replace") for each in answers]


async def _answers(look_up: Callable[..., Any], name: str, kind: int) -> Sequence[Any]:
    """The records of the name; none where it is not there."""
    try:
        answers, _, _ = await look_up(name, timeout=TIMEOUTS)
    except DNSNameError:
        return []
    return [each.payload for each in answers if each.type == kind]
