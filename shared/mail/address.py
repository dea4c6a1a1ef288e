"""An address as mail for it is looked up."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import NamedTuple

import idna

from shared.mail.errors import BadAddress
from shared.mail.mailbox import DOMAIN_OCTETS, check_mailbox, parse_mailbox

DETAIL_SEPARATOR = "+"  # user+folder@domain (RFC 5233 calls it the detail)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


class Address(NamedTuple):
    """`local_part` in lower case and unquoted; `domain` in lower case and A-labels, or an address literal.

    `detail` is what follows the first "+", in its own case, because folders' names have one; `base` what precedes it.
    """

    local_part: str
    domain: str
    base: str
    detail: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"


def parse_address(text: str, default_domain: str | None = None) -> Address:
    """Read `local@domain`; "postmaster" may stand without a domain (RFC 5321 §4.5.1). Raises BadAddress."""
    mailbox = parse_mailbox(text)
    return address_of(mailbox.local_part, mailbox.domain, default_domain)


def address_of(local_part: str, domain: str, default_domain: str | None = None) -> Address:
    """The same of a mailbox that is read already, by whatever grammar. Raises BadAddress."""
    check_mailbox(local_part, domain)
    if not domain:
        if local_part.lower() != "postmaster" or default_domain is None:
            raise BadAddress("no domain")
        domain = default_domain
    local_part = unicodedata.normalize("NFC", local_part)
    base, separator, detail = local_part.partition(DETAIL_SEPARATOR)
    if not base:  # "+x" is a name of its own
        base, detail = local_part, ""
    return Address(local_part.lower(), domain_name(domain), base.lower(), detail if separator else "")


def domain_name(text: str) -> str:
    """The spelling a domain is kept under: lower case, A-labels (RFC 5891), no final dot. Raises BadAddress."""
    if text.startswith("["):
        return _literal(text)
    try:
        name = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise BadAddress("not a domain name") from error
    name = name.removesuffix(".")
    if len(name) > DOMAIN_OCTETS or not all(map(_LABEL.fullmatch, name.split("."))):
        raise BadAddress("not a domain name")
    return name


def _literal(text: str) -> str:
    """An address literal in its shortest form: [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321 §4.1.3)."""
    inside = text[1:].removesuffix("]")
    if inside[:5].lower() == "ipv6:":
        inside = inside[5:]
    try:
        address = ipaddress.ip_address(inside)
    except ValueError as error:
        raise BadAddress("not an address literal") from error
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
