"""Where mail for a domain goes: settings, then DNS."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from twisted.internet.protocol import DatagramProtocol

from shared.outbound.mail_names import MailNames
from shared.outbound.places import BadPlace, ServerPlace, read_place, read_route
from shared.outbound.routes import NoRoute, Routes
from shared.outbound.settings import OutboundSettings
from shared.outbound.tests.dns_server import a, aaaa, mx, serving_names
from shared.runtime.settings import WrongSetting, read_settings
from shared.testing.reactor import running_reactor

WORLD = {
    "remote.test": [mx(20, "b.remote.test"), mx(10, "a.remote.test"), mx(20, "c.remote.test")],
    "a.remote.test": [a("192.0.2.1"), aaaa("2001:db8::1")],
    "plain.test": [a("192.0.2.2")],
    "closed.test": [mx(0, "")],
    "broken.test": None,
    "ours.test": [mx(10, "better.test"), mx(20, "mail.example.org"), mx(30, "worse.test")],
    "leads-back.test": [mx(10, "mail.example.org")],
    "odd.test": [mx(10, b"x\r\ny.test"), mx(20, b"\xff.test"), mx(30, "B.Remote.test")],
    "odder.test": [mx(10, b"x y.test"), mx(20, b"a" * 60 + b"\r.test")],
}


class _Silent(DatagramProtocol):
    """Answers nothing."""


def routes(place: ServerPlace | None = None, **settings: Any) -> Routes:
    read = read_settings(OutboundSettings, hostname="mail.example.org", **settings)
    return Routes(read, MailNames(running_reactor(), [place]) if place is not None else None)


async def test_servers_are_tried_by_preference_and_equal_ones_at_random() -> None:
    with serving_names(WORLD) as place:
        found = routes(place, outbound_direct=True)
        orders = Counter([tuple(each.host for each in (await found.find("remote.test")).places) for _ in range(50)])
    assert set(orders) == {
        ("a.remote.test", "b.remote.test", "c.remote.test"),
        ("a.remote.test", "c.remote.test", "b.remote.test"),
    }


async def test_domain_without_mx_is_its_own_server() -> None:
    with serving_names(WORLD) as place:
        route = await routes(place, outbound_direct=True).find("plain.test")
    assert route.places == [ServerPlace("plain.test", 25)]


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        ("closed.test", "5.1.10"),
        ("missing.test", "5.1.2"),
        ("broken.test", "4.4.3"),
        ("leads-back.test", "5.4.6"),
        ("odder.test", "5.4.4"),
    ],
)
async def test_domain_without_a_server_says_why(domain: str, status: str) -> None:
    with serving_names(WORLD) as place, pytest.raises(NoRoute) as refused:
        await routes(place, outbound_direct=True).find(domain)
    assert refused.value.status == status


async def test_servers_no_better_than_this_one_are_left_out() -> None:
    with serving_names(WORLD) as place:
        route = await routes(place, outbound_direct=True).find("ours.test")
    assert [each.host for each in route.places] == ["better.test"]


async def test_names_that_are_no_hosts_are_left_out() -> None:
    with serving_names(WORLD) as place:
        route = await routes(place, outbound_direct=True).find("odd.test")
    assert [each.host for each in route.places] == ["b.remote.test"]


async def test_addresses_are_of_both_families() -> None:
    with serving_names(WORLD) as place:
        names = MailNames(running_reactor(), [place])
        assert await names._both("a.remote.test") == ["2001:db8::1", "192.0.2.1"]
        assert await names._both("missing.test") == []


async def test_dns_that_never_answers_is_no_answer() -> None:
    silent: Any = running_reactor().listenUDP(0, _Silent(), interface="127.0.0.1")
    try:
        names = MailNames(running_reactor(), [ServerPlace("127.0.0.1", silent.getHost().port)], tries=(1,))
        with pytest.raises(NoRoute) as refused:
            await Routes(read_settings(OutboundSettings, outbound_direct=True), names).find("remote.test")
        assert refused.value.status == "4.4.3"
    finally:
        silent.stopListening()


async def test_route_goes_before_smart_host_and_smart_host_before_dns() -> None:
    found = routes(
        outbound_direct=True,
        outbound_smart_host="relay.test:587",
        outbound_routes=("remote.test=127.0.0.1:2525", ".below.test=[::1]:2526"),
    )
    assert (await found.find("remote.test")).places == [ServerPlace("127.0.0.1", 2525)]
    assert (await found.find("far.below.test")).places == [ServerPlace("::1", 2526)]
    assert (await found.find("below.test")).places == [ServerPlace("relay.test", 587)]
    assert found.takes("anything.test")


async def test_nothing_is_sent_unless_it_was_chosen() -> None:
    found = routes(outbound_routes=("remote.test=127.0.0.1",))
    assert found.takes("remote.test")
    assert not found.takes("other.test")
    with pytest.raises(NoRoute) as refused:
        await found.find("other.test")
    assert not refused.value.is_permanent  # what was queued when it was chosen waits


@pytest.mark.parametrize("text", ["", ":25", "a b", "host:0", "host:65536", "host:x", "[::1"], ids=repr)
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(BadPlace):
        read_place(text, 25)


def test_places_and_routes_are_read() -> None:
    assert read_place("Mail.Example.org", 25) == ServerPlace("mail.example.org", 25)
    assert read_place("[2001:DB8::1]:26", 25) == ServerPlace("2001:db8::1", 26)
    assert read_route("Bücher.test=mx.test", 25) == ("xn--bcher-kva.test", ServerPlace("mx.test", 25))


@pytest.mark.parametrize(
    "wrong",
    [{"outbound_smart_host": "a b"}, {"outbound_routes": ("remote.test",)}, {"outbound_dns_servers": ("a b",)}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_wrong_settings_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongSetting, match="should"):
        read_settings(OutboundSettings, **wrong)
