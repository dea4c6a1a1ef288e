"""Clients of open networks need not sign in, however often that is asked."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, cast

from services.http_proxy.parts import ProxyParts


def door(*networks: str) -> ProxyParts:
    nothing = cast(Any, None)
    return ProxyParts(
        name="door", gate=nothing, credentials=nothing, pool=nothing, connector=nothing, pseudonym=b"x",
        connect_ports=(), open_networks=[ip_network(each) for each in networks],
    )  # fmt: skip


def test_a_door_is_open_to_its_open_networks_alone() -> None:
    opened, other, closed = door("192.0.2.0/24", "2001:db8::/32"), door("198.51.100.0/24"), door()
    for _ in range(2):
        assert opened.is_open_to("192.0.2.7")
        assert opened.is_open_to("2001:db8::7")
        assert not opened.is_open_to("198.51.100.7")
        assert other.is_open_to("198.51.100.7")
        assert not other.is_open_to("192.0.2.7")
        assert not closed.is_open_to("192.0.2.7")
