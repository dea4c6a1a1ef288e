"""The servers that mail programs are told, and the address or domain that one asks about."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from services.wiki.parts import WikiParts
from services.wiki.settings import WikiSettings
from services.wiki.site.errors import NotHere
from services.wiki.site.request import WebRequest
from shared.mail.address import domain_name, parse_address
from shared.mail.domains import list_domains
from shared.mail.errors import BadAddress

HOSTS_OF_PROGRAMS = ("autoconfig.", "autodiscover.")  # what they put before a domain

# The doors in the order in which a program should take them: TLS from the first octet first (RFC 8314 §3), IMAP first.
_DOORS = (
    ("imaps", "imap", True), ("imap", "imap", False), ("pop3s", "pop3", True), ("pop3", "pop3", False),
    ("submissions", "smtp", True), ("submission", "smtp", False),
)  # fmt: skip


class MailServer(NamedTuple):
    """A server of `kind` imap, pop3 or smtp. `tls`: from the first octet, else by STARTTLS."""

    kind: str
    host: str
    port: int
    tls: bool

    @property
    def is_incoming(self) -> bool:
        """Whether mail is read there."""
        return self.kind != "smtp"


class AskedAbout(NamedTuple):
    """What a program asks about: a domain of ours, and an address in it if it says one."""

    domain: str
    address: str | None


def mail_servers(settings: WikiSettings) -> Sequence[MailServer]:
    """All that are open, at their public ports; the first of a kind is the best."""
    ports = settings.all_public_ports()
    return [
        MailServer(kind, settings.hostname, port, tls)
        for door, kind, tls in _DOORS
        if (port := ports[door]) is not None
    ]


def whole_set_up(settings: WikiSettings) -> Sequence[MailServer]:
    """The same. Raises NotHere unless there is a server to read mail from and one to send it by."""
    servers = mail_servers(settings)
    if len({server.is_incoming for server in servers}) < 2:
        raise NotHere
    return servers


def best_of(servers: Sequence[MailServer]) -> Sequence[MailServer]:
    """One of each kind."""
    by_kind: dict[str, MailServer] = {}
    for server in servers:
        by_kind.setdefault(server.kind, server)
    return list(by_kind.values())


async def asked_about(parts: WikiParts, request: WebRequest) -> AskedAbout:
    """By the query's `emailaddress`, else by the request's host. Raises NotHere for domains that are not ours."""
    typed = request.query.get("emailaddress")
    if typed is not None:
        return await about_address(parts, typed)
    domain = _domain_of_host(parts.settings, request.getHeader(b"host") or b"")
    await _require_ours(parts, domain)
    return AskedAbout(domain, None)


async def about_address(parts: WikiParts, typed: str) -> AskedAbout:
    """An address, whether or not anybody has it. Raises NotHere for domains that are not ours."""
    try:
        address = parse_address(typed.strip())
    except BadAddress:
        raise NotHere from None
    if not str(address).isprintable():  # what is not printable may not be in XML either
        raise NotHere
    await _require_ours(parts, address.domain)
    return AskedAbout(address.domain, str(address))


async def _require_ours(parts: WikiParts, domain: str) -> None:
    if domain not in await parts.database.read(list_domains):
        raise NotHere


def _domain_of_host(settings: WikiSettings, field: bytes) -> str:
    """`autoconfig.DOMAIN` and DOMAIN are asked about DOMAIN; this server by its own name, about its first domain."""
    host = field.decode("ascii", "replace").lower()
    name = host.rpartition(":")[0] or host if not host.endswith("]") else host
    for prefix in HOSTS_OF_PROGRAMS:
        name = name.removeprefix(prefix)
    try:
        return settings.mail_domain.lower() if _is_own_name(settings, name) else domain_name(name)
    except BadAddress:
        raise NotHere from None


def _is_own_name(settings: WikiSettings, name: str) -> bool:
    if name in (settings.hostname.lower(), "localhost"):
        return True
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
