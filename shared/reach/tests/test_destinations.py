"""Only the public network may be reached, however an address is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.reach.destinations import REMEMBERED, DestinationPolicy

PUBLIC = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"]
PUBLIC += [
    "128.0.0.1",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
]
PUBLIC += ["192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2a00:1450:4001::200e", "2001:200::1"]
PUBLIC += ["2606:4700:4700::1111", "2003::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:0101:0101::1"]

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.9.1"),
    *("169.254.1.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.0.192"),
    *("192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200"),
    *("::", "::1", "::2", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "fd12:3456::1", "ff02::1"),
    *("ff0e::1", "100::1", "2001::1", "2001:0:4136:e378::1", "2001:10::1", "2001:2::1", "2001:db8::1", "3fff::1"),
    *("4000::1", "5f00::1", "64:ff9b:1::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "::1.1.1.1"),
    *("::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b::169.254.169.254", "64:ff9b::100.64.0.1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:101:5::1", "2002:e000:1::1"),
    *("2a00:1::5efe:10.0.0.1", "2a00:1::200:5efe:127.0.0.1"),
]

NO_ADDRESS = [
    "",
    " ",
    "localhost",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "2130706433",
    "127.1",
    "1.1.1.1.",
    "1.1.1",
]
NO_ADDRESS += [
    "1.1.1.01",
    "1.1.1.1 ",
    "[::1]",
    "::1/128",
    "1.1.1.1/32",
    "1.1.1.256",
    "१.1.1.1",
    "::1.1.1.01",
    "1.1.1.1\0",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_network_may_be_reached(address: str) -> None:
    assert DestinationPolicy().permits(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not DestinationPolicy().permits(address)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_address_in_its_usual_form_is_refused(text: str) -> None:
    everything = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    assert not DestinationPolicy(everything).permits(text)


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1/32", "::ffff:127.0.0.1"),
        ("10.0.0.0/8", "64:ff9b::10.1.2.3"),
        ("fe80::/10", "fe80::1%eth0"),
        ("fd00::/8", "fd12::1"),
        ("169.254.169.254/32", "169.254.169.254"),
        ("169.254.169.254/32", "::ffff:169.254.169.254"),
        ("fd00:ec2::254/128", "fd00:ec2::254"),
    ],
)
def test_what_is_allowed_may_be_reached(allowed: str, address: str) -> None:
    assert DestinationPolicy([ip_network(allowed)]).permits(address)


@pytest.mark.parametrize(
    ("allowed", "address"),
    [
        ("127.0.0.0/8", "10.0.0.1"),
        ("127.0.0.0/8", "::1"),
        ("::/0", "::ffff:127.0.0.1"),
        ("::/0", "64:ff9b::10.0.0.1"),
        ("2a00:1::/32", "2a00:1::5efe:10.0.0.1"),
    ],
)
def test_allowing_one_network_opens_no_other(allowed: str, address: str) -> None:
    assert not DestinationPolicy([ip_network(allowed)]).permits(address)


@pytest.mark.parametrize("address", ["169.254.169.254", "168.63.129.16", "::ffff:169.254.169.254", "fd00:ec2::254"])
def test_a_clouds_passwords_are_not_opened_by_the_way(address: str) -> None:
    wide = [ip_network("0.0.0.0/0"), ip_network("169.254.0.0/16"), ip_network("::/0"), ip_network("fd00::/8")]
    assert not DestinationPolicy(wide).permits(address)


@pytest.mark.parametrize("address", ["192.0.2.1", "1.1.1.1", "::ffff:1.1.1.1", "2002:101:101::1"])
def test_what_is_refused_besides_is_refused_even_if_allowed(address: str) -> None:
    policy = DestinationPolicy([ip_network("0.0.0.0/0")], [ip_network("192.0.2.0/24"), ip_network("1.1.1.1/32")])
    assert not policy.permits(address)
    assert policy.permits("1.1.1.2")


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_alike_in_every_dress(number: int) -> None:
    policy = DestinationPolicy()
    plain = policy.permits(str(IPv4Address(number)))
    assert policy.permits(str(IPv6Address(0xFFFF_0000_0000 + number))) == plain
    assert policy.permits(str(IPv6Address((0x64_FF9B << 96) + number))) == plain
    assert policy.permits(str(IPv6Address((0x2002 << 112) + (number << 80) + 1))) == plain
    assert not policy.permits(str(IPv6Address(number)))


def is_dressed(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is judged by the IPv4 address in it; releases of Python since 2024 call all of 6to4 private."""
    return isinstance(address, IPv6Address) and (address.ipv4_mapped or address.sixtofour) is not None


@given(st.ip_addresses())
@example(IPv6Address("2002:100::"))
def test_nothing_is_permitted_that_python_calls_private(address: IPv4Address | IPv6Address) -> None:
    if DestinationPolicy().permits(str(address)):
        assert not address.is_private or is_dressed(address)
        properties = (address.is_loopback, address.is_link_local, address.is_multicast, address.is_unspecified)
        assert not any(properties)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert DestinationPolicy().permits(text) in (True, False)


def test_what_is_remembered_is_bounded() -> None:
    policy = DestinationPolicy()
    for number in range(3 * REMEMBERED):
        policy.permits(str(IPv4Address(0x0100_0000 + number)))
    assert len(policy._remembered) <= REMEMBERED


def test_no_long_text_is_remembered() -> None:
    policy = DestinationPolicy()
    for number in range(100):
        assert not policy.permits("fe80::1%" + f"{number}" * 1000)
    assert len(policy._remembered) == 0
