"""The name in a rule: a domain, a network or everything, as operators and lists write it."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from shared.access.errors import RuleUnusable
from shared.access.rules.rules import EVERYTHING
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host, is_address


def rule_name(text: str) -> str:
    """The spelling that a rule is kept under: a domain, a network with its length, or `*`. Raises RuleUnusable.

    `*.example.org` and `.example.org` are `example.org`, which always covers what is below it.
    """
    if text == EVERYTHING:
        return text
    try:
        if "/" in text:
            return str(ip_network(text, strict=False))
        host = canonical_host(text.removeprefix("*").removeprefix("."))
    except (HostUnusable, ValueError) as error:
        raise RuleUnusable(text) from error
    return f"{host}/{ip_address(host).max_prefixlen}" if is_address(host) else host
