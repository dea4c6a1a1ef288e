"""The spelling of hosts: each has one name, in rules, in requests, in reports."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

import idna

from shared.reach.errors import HostUnusable

LONGEST_NAME = 253  # octets of text: 255 on the wire (RFC 1035 §2.3.4), less the first length and the root

# Letters, digits, hyphens (RFC 1123 §2.1), and the underscores that people use all the same; 63: RFC 1035 §2.3.4.
_NAME = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")
# getaddrinfo() reads names that end so as addresses: "0177.0.0.1", "2130706433", "0x7f.1" are all 127.0.0.1. Browsers
# call every host with such an end an address (WHATWG URL, "ends in a number"); no top-level domain is a number.
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


def canonical_host(text: str) -> str:
    """`text` in lower case, A-labels (RFC 5891), without the final dot; an address in its shortest form, bare.

    `[2001:DB8::1]` is `2001:db8::1`, and an IPv4 address mapped into IPv6 is itself. Raises HostUnusable.
    """
    if ":" in text:
        bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        return str(_address(bare))
    name = text.lower() if text.isascii() else _a_labels(text)
    name = name.removesuffix(".")
    if _ENDS_IN_A_NUMBER.fullmatch(name):
        return str(_address(name))
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise HostUnusable(text)
    return name


def is_address(host: str) -> bool:
    """Whether `host`, in canonical spelling, is an address."""
    return ":" in host or host.replace(".", "").isdigit()  # a name never ends in a number


def _a_labels(text: str) -> str:
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise HostUnusable(text) from error


def _address(text: str) -> IPv4Address | IPv6Address:
    if "%" in text:  # a zone is this machine's own affair (RFC 4007 §11)
        raise HostUnusable(text)
    try:
        address = ip_address(text)
    except ValueError as error:
        raise HostUnusable(text) from error
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
