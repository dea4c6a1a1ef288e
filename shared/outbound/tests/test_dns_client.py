"""The asking of DNS: which records of an answer count, how large it may be, and who waits for it."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.names import dns

from shared.outbound.dns_client import DnsClient, NameMissing, NamesAway
from shared.outbound.tests.dns_server import Records, a, alias, serving_names, txt
from shared.testing.reactor import running_reactor


async def texts(records: Records, name: str = "x.test") -> list[bytes]:
    with serving_names(records) as place:
        client = DnsClient(running_reactor(), [place])
        return [b"".join(each.payload.data) for each in await client.records(name, dns.TXT)]


async def test_records_are_those_of_the_name_or_of_what_it_is_an_alias_of() -> None:
    assert await texts({"x.test": [txt("one"), a("192.0.2.1"), txt("two")]}) == [b"one", b"two"]
    assert await texts({"x.test": [a("192.0.2.1")]}) == []
    assert await texts({"x.test": [alias("y.test"), txt("mine, for both", name="y.test")]}) == [b"mine, for both"]


async def test_records_of_other_names_do_not_count() -> None:
    assert await texts({"x.test": [txt("of another", name="other.test"), txt("own")]}) == [b"own"]
    assert await texts({"x.test": [alias("y.test"), txt("of another", name="other.test")]}) == []
    loop = {"x.test": [alias("y.test"), alias("x.test", name="y.test")]}
    assert await texts(loop) == []


async def test_a_long_answer_comes_by_tcp_and_one_that_is_too_long_is_not_read() -> None:
    assert await texts({"x.test": [txt("y" * 9000)]}) == [b"y" * 9000]
    with pytest.raises(NamesAway):
        await texts({"x.test": [txt("y" * 20_000)]})
    with pytest.raises(NamesAway):
        await texts({"x.test": [txt("y")] * 1000})


async def test_names_that_do_not_exist_are_told_from_servers_that_fail() -> None:
    with pytest.raises(NameMissing):
        await texts({})
    with pytest.raises(NamesAway):
        await texts({"x.test": None})


async def test_of_two_that_wait_for_one_answer_one_may_leave() -> None:
    with serving_names({"x.test": [txt("one")]}) as place:
        client = DnsClient(running_reactor(), [place])
        first = Deferred.fromCoroutine(client.records("x.test", dns.TXT))
        second = Deferred.fromCoroutine(client.records("x.test", dns.TXT))
        first.cancel()
        with pytest.raises(CancelledError):
            await first
        assert len(await second) == 1
