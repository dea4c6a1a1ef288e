"""Rules that promise what the proxy's networks refuse."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from shared.access.rules.unreachable import is_refused_all_the_same


@pytest.mark.parametrize(
    ("name", "allowed", "refused", "told"),
    [
        ("10.0.0.5/32", "", "", True),
        ("10.0.0.5/32", "10.0.0.0/8", "", False),
        ("10.0.0.0/16", "", "", True),
        ("10.0.0.0/16", "10.0.0.0/8", "", False),
        ("10.0.0.0/8", "10.0.0.0/16", "", True),
        ("0.0.0.0/0", "10.0.0.0/8", "", True),
        ("8.8.8.8/32", "", "", False),
        ("8.8.8.8/32", "", "8.8.0.0/16", True),
        ("8.0.0.0/8", "", "8.8.0.0/16", True),
        ("8.0.0.0/8", "", "9.9.0.0/16 2001:200::/32", False),
        ("169.254.169.254/32", "169.254.0.0/16", "", True),
        ("169.254.169.254/32", "169.254.169.254/32", "", False),
        ("fd00::/8", "", "", True),
        ("fd00::/8", "fc00::/7 10.0.0.0/8", "", False),
        ("2606:4700::/32", "", "", False),
        ("2001::/16", "", "", True),
        ("64:ff9b::a00:5/128", "", "", True),
        ("localhost", "", "", True),
        ("app.localhost", "127.0.0.0/8", "", False),
        ("example.org", "", "", False),
        ("*", "", "", False),
    ],
)
def test_rule_about_addresses_that_stay_refused_is_recognised(
    name: str, allowed: str, refused: str, told: bool
) -> None:
    networks = [tuple(map(ip_network, text.split())) for text in (allowed, refused)]
    assert is_refused_all_the_same(name, *networks) is told
