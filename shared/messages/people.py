"""People as a header names them: a name to show, and an address."""

from __future__ import annotations

from typing import NamedTuple

from shared.bounded_cache import remembers
from shared.messages.address import MISSING_DOMAIN, MISSING_MAILBOX, AddressPatience, read_addresses
from shared.messages.encoded_words import decode_words

MOST_NAME_CHARACTERS = 200
_OFTEN_SEEN_OCTETS = 200
# Controls, and the marks that turn the direction of text around (Unicode UAX #9): a name must not reorder its line.
_UNFIT = dict.fromkeys((*range(32), 127, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


class Person(NamedTuple):
    """`name` is what to show, never empty; `address` is empty where the field has none that is complete."""

    name: str
    address: str


@remembers(most=1024, longest_octets=_OFTEN_SEEN_OCTETS)
def first_person(value: bytes) -> Person:
    """The first address of an address field (From, Reply-To, …), unfolded. Never raises."""
    for name, _route, mailbox, host in read_addresses(value, AddressPatience()):
        if mailbox is None or host is None:
            continue
        address = ""
        if mailbox != MISSING_MAILBOX and host != MISSING_DOMAIN:
            address = _shown(mailbox + b"@" + host)
        local = "" if mailbox == MISSING_MAILBOX else _shown(mailbox)
        return Person(_shown(name or b"") or local or address or "unknown", address)
    return Person(_shown(value) or "unknown", "")


def _shown(value: bytes) -> str:
    return decode_words(value).translate(_UNFIT).strip()[:MOST_NAME_CHARACTERS]
