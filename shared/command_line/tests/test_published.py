"""`agora domain dns` and what `agora check` says of it: what should be published about a domain, and what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from twisted.names import dns

from shared.administration import domains
from shared.clock import utc_now
from shared.command_line.stack.checks.finding import Finding, Grade
from shared.command_line.stack.checks.published import check_published
from shared.database.database import Database
from shared.outbound.mta_sts.settings import OwnMode
from shared.outbound.tests.dns_server import serving_names
from shared.runtime.settings import ServiceSettings
from shared.runtime.stack_key import StackKey
from shared.testing.reactor import running_reactor, wait_for

DOMAIN, HOST = "example.org", "mail.example.org"
PORTS = ["submissions=465", "submission=587", "imaps=993", "imap=143", "pop3s=995", "pop3=off", "web_tls=443"]
Zone = dict[str, list[Any]]


@pytest.fixture
def published(database: Database, database_url: str) -> Sequence[domains.DnsRecord]:
    """What `domain dns` prints of a domain with keys."""
    keys = domains.make_keys(StackKey(bytes(32)), utc_now())
    ports = _settings(database_url).all_public_ports()

    async def add() -> Sequence[domains.DnsRecord]:
        await database.transact(domains.add, DOMAIN, keys)
        return await database.read(domains.dns, DOMAIN, HOST, ports)

    return wait_for(add)


def _settings(database_url: str) -> ServiceSettings:
    return ServiceSettings(mail_domain=DOMAIN, hostname=HOST, database_url=database_url, public_ports=tuple(PORTS))


def _zone(records: Sequence[domains.DnsRecord]) -> Zone:
    """The records as a name server has them."""
    zone: Zone = {}
    for name, kind, data in records:
        made: Any
        if kind == "TXT":
            made = dns.Record_TXT(*(data[at : at + 255].encode() for at in range(0, len(data), 255)), ttl=60)
        elif kind == "SRV":
            priority, weight, port, target = data.split()
            made = dns.Record_SRV(int(priority), int(weight), int(port), target.removesuffix("."), ttl=60)
        else:
            continue
        zone.setdefault(name, []).append(made)
    return zone


async def _check(
    zone: Mapping[str, Sequence[Any] | None], database_url: str, policy: OwnMode = "off"
) -> Mapping[str, list[Finding]]:
    with serving_names(zone) as server:
        found = await check_published(
            running_reactor(), _settings(database_url), "agora {}".format, [(server.host, server.port)], policy
        )
    by_subject: dict[str, list[Finding]] = {}
    for each in found:
        by_subject.setdefault(each.subject, []).append(each)
    return by_subject


def _grades(found: Mapping[str, list[Finding]]) -> Mapping[str, list[Grade]]:
    return {subject: [each.grade for each in findings] for subject, findings in found.items()}


async def test_all_that_domain_dns_prints_is_found_where_it_is_published(
    published: Sequence[domains.DnsRecord], database_url: str
) -> None:
    found = await _check(_zone(published), database_url)
    keys = [each for each in published if "._domainkey." in each.name]
    assert len(keys) == 2
    assert _grades(found) == {
        "SPF": [Grade.FINE], "DKIM": [Grade.FINE] * len(keys), "DMARC": [Grade.FINE], "SRV": [Grade.FINE],
    }  # fmt: skip


async def test_what_is_not_published_is_named(published: Sequence[domains.DnsRecord], database_url: str) -> None:
    del published
    found = await _check({}, database_url)
    assert _grades(found) == {
        "SPF": [Grade.WARNING], "DKIM": [Grade.WARNING] * 2, "DMARC": [Grade.WARNING], "SRV": [Grade.WARNING],
    }  # fmt: skip
    assert found["SPF"][0].fact == "example.org has no record"
    assert found["DMARC"][0].fact == "_dmarc.example.org has no record"
    assert found["DKIM"][0].fact.endswith("has no key in DNS")
    assert "_imaps._tcp.example.org" in found["SRV"][0].fact
    assert found["SRV"][0].advice == "agora domain dns example.org shows what to publish."


async def test_what_is_published_wrongly_is_named(published: Sequence[domains.DnsRecord], database_url: str) -> None:
    zone = _zone(published)
    (rsa,) = [each.name for each in published if "k=rsa" in each.data]
    zone[rsa] = [dns.Record_TXT(b"v=DKIM1; k=rsa; p=AAAA", ttl=60)]
    zone[DOMAIN].append(dns.Record_TXT(b"v=spf1 +all", ttl=60))
    zone["_dmarc.example.org"] = [dns.Record_TXT(b"v=DMARC1; p=reject", ttl=60)]
    zone["_imaps._tcp.example.org"] = [dns.Record_SRV(5, 7, 993, "old.example.org", ttl=60)]
    zone["_pop3s._tcp.example.org"] = [dns.Record_SRV(5, 7, 995, "MAIL.example.org", ttl=60)]
    found = await _check(zone, database_url)
    assert [each.fact for each in found["DKIM"] if each.grade is Grade.WARNING] == [f"{rsa} has another key in DNS"]
    assert (found["SPF"][0].grade, found["SPF"][0].fact) == (Grade.WARNING, "example.org has several records")
    assert (found["DMARC"][0].grade, found["DMARC"][0].fact) == (
        Grade.FINE, "_dmarc.example.org says v=DMARC1; p=reject",
    )  # fmt: skip
    assert found["SRV"][0].fact == "_imaps._tcp.example.org leads to old.example.org. port 993"


async def test_reports_about_tls_are_looked_for_where_there_is_a_policy(
    published: Sequence[domains.DnsRecord], database: Database, database_url: str
) -> None:
    zone = _zone(published)
    assert (await _check(zone, database_url, "testing"))["TLSRPT"][0].fact == "_smtp._tls.example.org has no record"
    ports = _settings(database_url).all_public_ports()
    zone = _zone(await database.read(domains.dns, DOMAIN, HOST, ports, "testing"))
    (found,) = (await _check(zone, database_url, "testing"))["TLSRPT"]
    assert (found.grade, found.fact) == (
        Grade.FINE, "_smtp._tls.example.org says v=TLSRPTv1; rua=mailto:postmaster@example.org",
    )  # fmt: skip
    zone["_smtp._tls.example.org"].append(dns.Record_TXT(b"v=TLSRPTv1; rua=https://example.net/", ttl=60))
    (found,) = (await _check(zone, database_url, "enforce"))["TLSRPT"]
    assert (found.grade, found.fact) == (Grade.WARNING, "_smtp._tls.example.org has several records")


async def test_a_name_server_that_fails_is_no_verdict_on_the_records(
    published: Sequence[domains.DnsRecord], database_url: str
) -> None:
    found = await _check({**_zone(published), DOMAIN: None}, database_url)
    assert _grades(found) == {"DKIM": [Grade.WARNING]}
    assert found["DKIM"][0].fact.startswith("DNS gives no answer")


def test_doors_have_their_public_ports_and_the_closed_ones_have_none() -> None:
    records = {
        each.name: each
        for each in domains.service_records(DOMAIN, HOST, _settings("postgresql://x@localhost/x").all_public_ports())
    }
    assert {name: each.data for name, each in records.items()} == {
        "_submissions._tcp.example.org": "0 1 465 mail.example.org.",
        "_submission._tcp.example.org": "10 1 587 mail.example.org.",
        "_imaps._tcp.example.org": "0 1 993 mail.example.org.",
        "_imap._tcp.example.org": "10 1 143 mail.example.org.",
        "_pop3s._tcp.example.org": "20 1 995 mail.example.org.",
        "_pop3._tcp.example.org": "0 0 0 .",
        "_autodiscover._tcp.example.org": "0 1 443 mail.example.org.",
    }
