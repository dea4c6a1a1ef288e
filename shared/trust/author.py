"""The domain of From, which people see and DMARC proves."""

from __future__ import annotations

from shared.bounded_cache import remembers
from shared.errors import DomainError
from shared.mail.address import domain_name
from shared.messages.address import MISSING_DOMAIN, AddressPatience, read_addresses
from shared.messages.fields import unfold
from shared.messages.header_fields import HeaderFields
from shared.trust.names import is_name

LONGEST_OCTETS = 8 << 10  # of From: more is not read, in which there may be milliseconds of work


def author_domain(header: HeaderFields) -> str | None:
    """In A-labels; "" where nobody is named, None where several domains are, or several fields, or no program's reading
    of the field is sure."""
    fields = header.find(b"from")
    if len(fields) != 1:
        return None if fields else ""
    value = header.value(fields[0])
    return _domain_of(value) if len(value) <= LONGEST_OCTETS else None


@remembers(most=2048)  # who writes once writes again
def _domain_of(value: bytes) -> str | None:
    """The same, of the only field's value."""
    patience = AddressPatience()
    found = set()
    for _, _, _, host in read_addresses(unfold(value), patience):
        if host is not None:
            found.add(_domain(host))
    if len(found) > 1 or patience.tokens <= 0:
        return None
    return found.pop() if found else ""


def _domain(host: bytes) -> str | None:
    if host == MISSING_DOMAIN:
        return None
    try:
        name = domain_name(host.decode())
    except (DomainError, UnicodeDecodeError):
        return None
    return name if is_name(name) and not name.startswith("[") else None
