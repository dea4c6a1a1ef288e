"""SPF over a DNS server of the tests' own: mechanisms, limits, and records that are wrong (RFC 7208)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from shared.outbound.tests.dns_server import Records, a, aaaa, mx, ptr, txt
from shared.testing.fastest import processor_seconds
from shared.trust.names import CheckedNames
from shared.trust.spf.check_host import SpfClient, check_host
from shared.trust.spf.macros import expand
from shared.trust.spf.record import LONGEST_KEPT_OCTETS, BadRecord, read_record
from shared.trust.tests.world import world
from shared.trust.verdict import FAIL, NEUTRAL, NONE, PASS, PERMERROR, SOFTFAIL, TEMPERROR

HOST = "192.0.2.1"
HOSTS: Records = {
    "mail.x.test": [a(HOST), aaaa("2001:db8::1")],
    "other.x.test": [a("192.0.2.200")],
    "away.test": None,
    "1.2.0.192.in-addr.arpa": [ptr("mail.x.test"), ptr("lies.test")],
    "lies.test": [a("198.51.100.1")],
    "inner.test": [txt("v=spf1 a:mail.x.test ~all")],
    "fails.test": [txt("v=spf1 -all")],
    "alice._at.x.test": [a("127.0.0.2")],
    "1.2.0.192.in-addr.mx.x.test.list.test": [a("127.0.0.2")],
    "loop.test": [txt("v=spf1 include:loop.test -all")],
    "twice.test": [txt("v=spf1 -all"), txt("v=spf1 +all")],
    "many.test": [mx(n, f"m{n}.x.test") for n in range(11)],
    "mx.test": [mx(10, "other.x.test"), mx(20, "mail.x.test")],
}


async def result(names: CheckedNames, address: str = HOST, domain: str = "x.test") -> str:
    return await check_host(names, SpfClient(address, "mx.x.test", "alice", domain))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("v=spf1", NEUTRAL),
        ("v=spf1 -all", FAIL),
        ("V=SPF1 ~ALL", SOFTFAIL),
        ("v=spf1 ?all", NEUTRAL),
        ("v=spf1 ip4:192.0.2.0/24 -all", PASS),
        ("v=spf1 -ip4:192.0.2.0/24 +all", FAIL),
        ("v=spf1 ip6:2001:db8::/32 -all", FAIL),
        ("v=spf1  a:mail.x.test  -all", PASS),
        ("v=spf1 a:other.x.test -all", FAIL),
        ("v=spf1 a:other.x.test/24 -all", PASS),
        ("v=spf1 a:mail.x.test/33 -all", PERMERROR),
        ("v=spf1 mx:mx.test -all", PASS),
        ("v=spf1 mx:many.test -all", PERMERROR),
        ("v=spf1 ptr:x.test -all", PASS),
        ("v=spf1 ptr:lies.test -all", FAIL),
        ("v=spf1 exists:%{l}._at.%{d} -all", PASS),
        ("v=spf1 exists:%{ir}.%{v}.%{h}.list.test -all", PASS),
        ("v=spf1 a:%{p} -all", PASS),
        ("v=spf1 include:inner.test -all", PASS),
        ("v=spf1 include:fails.test ~all", SOFTFAIL),
        ("v=spf1 include:nothing.test -all", PERMERROR),
        ("v=spf1 include:twice.test -all", PERMERROR),
        ("v=spf1 redirect=fails.test", FAIL),
        ("v=spf1 redirect=nothing.test", PERMERROR),
        ("v=spf1 a:away.test -all", TEMPERROR),
        ("v=spf1 ip4:192.0.2.1 a:away.test -all", PASS),  # behind what matches nothing is asked
        ("v=spf1 ip4:192.0.2.1 -all nonsense", PERMERROR),
        ("v=spf1 ip4:192.0.2.1.1 -all", PERMERROR),
        ("v=spf1 a:%{z}.test -all", PERMERROR),
        ("v=spf1 a:x% -all", PERMERROR),
        ("v=spf1 redirect=a.test redirect=b.test", PERMERROR),
        ("v=spf1 unknown=thing -all", FAIL),
        (b"v=spf1 a:\xff.test -all", PERMERROR),
        ("v=spf10 -all", NONE),
        ("other text", NONE),
    ],
)
async def test_records_have_these_results(record: str | bytes, expected: str) -> None:
    with world({**HOSTS, "x.test": [txt(record), txt("not about mail")]}) as names:
        assert await result(names) == expected


@pytest.mark.parametrize(
    "record",
    [
        "a:." + "a" * 5000 + "!",
        "a:" + "a.a-" * 3000 + "!",
        "exists:" + "%{l}" * 3000 + ".test",
        "exists:" + "%{l}" * 120 + ".test",
        "ip4:" + "1/" * 5000,
        "a:" + "x/" * 3000,
        "x=" + "%{s" + "-" * 9000,
    ],
    ids=["label", "labels", "macros", "macros-in-a-term", "network", "lengths", "macro"],
)
def test_no_record_takes_more_than_some_milliseconds(record: str) -> None:
    def work() -> None:
        with suppress(BadRecord):
            (mechanism,) = read_record(f"v=spf1 {record}".encode()).mechanisms
            assert len(expand(mechanism.domain or "", {"l": "a." * 250 + "a"})) <= 253

    assert processor_seconds(work) < 0.05


async def test_a_client_has_an_ipv6_address() -> None:
    with world({**HOSTS, "x.test": [txt("v=spf1 a:mail.x.test ip6:2001:db8:1::/48 -all")]}) as names:
        assert await result(names, "2001:db8::1") == PASS
        assert await result(names, "2001:db8:1::9") == PASS
        assert await result(names, "2001:db8:2::9") == FAIL
        assert await result(names, "::ffff:192.0.2.1") == PASS


@pytest.mark.parametrize(
    "domain", ["", "localhost", "[192.0.2.1]", "a..test", "x" * 64 + ".test", "ä.test", "none.test"]
)
async def test_what_is_no_domain_has_no_record(domain: str) -> None:
    with world(HOSTS) as names:
        assert await result(names, domain=domain) == NONE


async def test_loops_and_long_ways_end_after_ten_look_ups() -> None:
    chain: Records = {f"c{n}.test": [txt(f"v=spf1 include:c{n + 1}.test -all")] for n in range(12)}
    fan = " ".join(f"a:other.x.test include:n{n}.test" for n in range(6))
    wide: Records = {f"n{n}.test": [txt("v=spf1 ?all")] for n in range(6)}
    with world({**HOSTS, **chain, **wide, "x.test": [txt(f"v=spf1 {fan} -all")]}) as names:
        assert await result(names, domain="loop.test") == PERMERROR
        assert await result(names, domain="c1.test") == PERMERROR
        assert await result(names) == PERMERROR


async def test_two_answers_may_be_empty_and_no_third() -> None:
    records: Records = {
        **HOSTS,
        "two.test": [txt("v=spf1 a:no1.test mx:no2.test a:mail.x.test -all")],
        "three.test": [txt("v=spf1 a:no1.test mx:no2.test exists:no3.test a:mail.x.test -all")],
    }
    with world(records) as names:
        assert await result(names, domain="two.test") == PASS
        assert await result(names, domain="three.test") == PERMERROR


async def test_a_record_of_thousands_of_terms_and_thousands_of_records_are_not_read() -> None:
    """They come by TCP, of 64 KiB at most; the DNS server has read none of it when the answer is thrown away."""
    terms = txt("v=spf1 " + "ip4:198.51.100.1 " * 3_000 + "-all")
    records: Records = {"x.test": [terms], "y.test": [txt(f"v=spf1 ip4:192.0.2.{n % 250} -all") for n in range(1_000)]}
    with world(records) as names:
        assert await result(names) == TEMPERROR
        assert await result(names, domain="y.test") == TEMPERROR


def test_a_record_is_read_once_unless_it_is_longer_than_most() -> None:
    for length, is_kept in ((LONGEST_KEPT_OCTETS, True), (LONGEST_KEPT_OCTETS + 1, False)):
        text = b"v=spf1 ip4:192.0.2.1".ljust(length)
        assert (read_record(text) is read_record(text)) is is_kept
        assert read_record(text) == read_record(text)


async def test_a_large_record_is_read() -> None:
    with world({"x.test": [txt("v=spf1 " + "ip4:198.51.100.1 " * 500 + "ip4:192.0.2.1 -all")]}) as names:
        assert await result(names) == PASS
