"""The mail servers of a domain, as the queue finds them in DNS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred

from shared.command_line.news.client.errors import NewsError
from shared.outbound.dns_client import NameMissing, NamesAway
from shared.outbound.mail_names import MailNames
from shared.outbound.places import ServerPlace


class MailHost(NamedTuple):
    """A server, how much it is preferred (lower first), and its addresses."""

    preference: int
    name: str
    addresses: Sequence[str]


async def mail_hosts(reactor: Any, domain: str, server: ServerPlace | None = None) -> Sequence[MailHost]:
    """The hosts in the order in which they are tried; none at all where the domain takes no mail (RFC 7505).

    Without MX the domain itself is the host. `server` is asked instead of the system's. Raises NewsError.
    """
    names = MailNames(reactor, [server] if server else ())
    try:
        found = await names.exchangers(domain)
    except NameMissing:
        raise NewsError(f"{domain} does not exist") from None
    except NamesAway as error:
        raise NewsError(f"DNS does not answer about {domain}: {error}") from None
    if found.takes_none:
        return ()
    if found.names_nothing:
        raise NewsError(f"what {domain} names as its mail servers are no hosts")
    groups = list(zip(found.preferences, found.by_preference, strict=True)) or [(0, [domain])]
    return [
        MailHost(preference, name, await _addresses(names, name))
        for preference, group in groups
        for name in sorted(group)
    ]


async def _addresses(names: MailNames, host: str) -> Sequence[str]:
    """None where that is unknown."""
    answered: Deferred[Sequence[str] | None] = Deferred()
    names(host, answered.callback)
    return await answered or ()
