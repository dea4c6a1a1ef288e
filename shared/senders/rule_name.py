"""The name of a rule about senders: `spam@x.test`, `@x.test` or `192.0.2.0/24`, as operators write it."""

from __future__ import annotations

from ipaddress import ip_network

from shared.mail.address import domain_name, parse_address
from shared.mail.errors import BadAddress
from shared.senders.errors import SenderRuleUnusable


def sender_rule_name(text: str) -> str:
    """The spelling that a rule is kept under; an address of a host becomes a network. Raises SenderRuleUnusable."""
    text = text.strip()
    try:
        if "@" not in text:
            return str(ip_network(text, strict=False))
        return f"@{domain_name(text[1:])}" if text.startswith("@") else str(parse_address(text))
    except (BadAddress, ValueError) as error:
        raise SenderRuleUnusable(text) from error


def is_network(name: str) -> bool:
    """Whether a rule of this name is about the client's address."""
    return "@" not in name


def names_domain(name: str, domain: str) -> bool:
    """Whether a rule of this name, which is no network's, is about addresses of `domain` (in A-labels)."""
    of_rule = name.rpartition("@")[2]
    return domain == of_rule or (name.startswith("@") and domain.endswith(f".{of_rule}"))
