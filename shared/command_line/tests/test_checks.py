"""The checks of `agora check`: certificates, ports, DNS, the store, Redis."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from twisted.internet import reactor as the_reactor
from twisted.names import dns
from twisted.names.authority import FileAuthority
from twisted.names.server import DNSServerFactory

from shared.command_line.root import agora
from shared.command_line.stack.checks.certificates import check_certificates
from shared.command_line.stack.checks.dns import check_dns
from shared.command_line.stack.checks.finding import Finding, Grade
from shared.command_line.stack.checks.ports import check_ports
from shared.command_line.stack.checks.store import check_redis, check_store
from shared.command_line.state_directory import StateDirectory
from shared.database.database import Database
from shared.doors import LOOPBACK
from shared.runtime.settings import ServiceSettings
from shared.testing.builders import a_member
from shared.testing.certificates import another_key, self_signed
from shared.testing.reactor import wait_for

reactor: Any = the_reactor


def _grades(findings: Sequence[Finding]) -> list[tuple[Grade, str]]:
    return [(finding.grade, finding.fact) for finding in findings]


def _certificate(directory: Path, name: str, days: int, other_key: bool = False) -> ServiceSettings:
    """Settings with a certificate for `name` that ends in so many days."""
    made = self_signed(name, lasts=timedelta(days=days, hours=1))
    (directory / "c.pem").write_bytes(made.certificate)
    (directory / "k.pem").write_bytes(another_key() if other_key else made.key)
    return ServiceSettings(
        hostname="mail.example.org", certificate_file=directory / "c.pem", key_file=directory / "k.pem"
    )


@pytest.mark.parametrize(
    ("name", "days", "grades"),
    [
        ("mail.example.org", 60, [Grade.FINE, Grade.FINE]),
        ("*.example.org", 60, [Grade.FINE, Grade.FINE]),
        ("mail.example.org", 5, [Grade.WARNING, Grade.FINE]),
        ("mail.example.org", -1, [Grade.WRONG, Grade.FINE]),
        ("www.example.org", 60, [Grade.FINE, Grade.WRONG]),
    ],
)
def test_a_certificate_is_for_this_host_and_today(tmp_path: Path, name: str, days: int, grades: list[Grade]) -> None:
    findings = check_certificates(_certificate(tmp_path, name, days))
    assert [finding.grade for finding in findings] == grades
    assert all(finding.advice for finding in findings if finding.grade is not Grade.FINE)


def test_a_key_of_another_certificate_is_found(tmp_path: Path) -> None:
    (finding,) = check_certificates(_certificate(tmp_path, "mail.example.org", 60, other_key=True))
    assert (finding.grade, "is not the key" in finding.fact) == (Grade.WRONG, True)


def test_the_development_authority_is_good_enough_to_start_with() -> None:
    assert [finding.grade for finding in check_certificates(ServiceSettings())] == [Grade.WARNING]


def test_a_taken_port_is_found_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        port = listener.getsockname()[1]
        monkeypatch.setenv("AGORA_IMAP_PORT", str(port))
        facts = [finding.fact for finding in check_ports(StateDirectory(tmp_path)) if finding.grade is Grade.WRONG]
    assert facts == [f"port {port}, wanted for IMAP by AGORA_IMAP_PORT, is taken by another program"]


def test_a_migrated_store_is_fine_but_for_its_admin(database_url: str) -> None:
    findings = check_store(ServiceSettings(database_url=database_url))
    grades = {finding.subject: finding.grade for finding in findings}
    assert grades["schema"] is Grade.FINE
    assert grades["accounts"] is Grade.WARNING  # there is none yet
    # The tests' own server does not wait for the disk, and that is found.
    assert any("fsync is off" in finding.fact for finding in findings)


def test_accounts_that_are_older_than_the_mail_domain_are_found(database: Database, database_url: str) -> None:
    wait_for(lambda: database.transact(a_member, "alice"))
    findings = check_store(ServiceSettings(database_url=database_url, mail_domain="new.example"))
    (finding,) = [each for each in findings if each.subject == "addresses"]
    assert (finding.grade, finding.fact) == (Grade.WARNING, "1 account without an address in new.example")
    assert "address add --all" in finding.advice


def test_a_store_that_is_away_is_wrong() -> None:
    (finding,) = check_store(ServiceSettings(database_url="postgresql://agora@127.0.0.1:1/agora"))
    assert finding.grade is Grade.WRONG


async def test_redis_is_asked(redis_url: str) -> None:
    assert _grades(await check_redis(reactor, ServiceSettings(redis_url=redis_url))) == [(Grade.FINE, "answers")]


async def test_redis_away_is_only_slower() -> None:
    (finding,) = await check_redis(reactor, ServiceSettings(redis_url="redis://127.0.0.1:1/0"))
    assert finding.grade is Grade.WARNING


Zone = dict[bytes, list[Any]]


class _Authority(FileAuthority):
    """A name server's answers, from a dict."""

    soa: Any
    records: Any

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        super().__init__("no file")

    def loadFile(self, filename: str) -> None:
        self.soa, self.records = (b"", dns.Record_SOA()), self._zone


async def _ask_dns(zone: Zone, mail_domain: str = "example.org") -> Sequence[Finding]:
    settings = ServiceSettings(mail_domain=mail_domain, hostname="mail.example.org")
    server = dns.DNSDatagramProtocol(DNSServerFactory(authorities=[_Authority(zone)]))
    port = reactor.listenUDP(0, server, interface=LOOPBACK)
    try:
        return await check_dns(reactor, settings, [(LOOPBACK, port.getHost().port)])
    finally:
        await port.stopListening()


GOOD_ZONE: Zone = {
    b"example.org": [dns.Record_MX(10, b"mail.example.org", ttl=60)],
    b"mail.example.org": [dns.Record_A("192.0.2.5", ttl=60), dns.Record_AAAA("2001:db8::5", ttl=60)],
    b"5.2.0.192.in-addr.arpa": [dns.Record_PTR(b"mail.example.org", ttl=60)],
}


async def test_a_local_domain_needs_no_dns() -> None:
    assert [finding.grade for finding in await _ask_dns({}, mail_domain="localhost")] == [Grade.FINE]


async def test_mail_finds_the_host_and_its_name_the_way_back() -> None:
    findings = await _ask_dns(GOOD_ZONE)
    assert _grades(findings) == [
        (Grade.FINE, "mail for example.org goes to mail.example.org"),
        (Grade.FINE, "mail.example.org is 192.0.2.5, 2001:db8::5"),
        (Grade.WARNING, "2001:db8::5 is called nothing"),
    ]


async def test_a_domain_without_mx_is_wrong() -> None:
    zone: Zone = {**GOOD_ZONE, b"example.org": [dns.Record_A("192.0.2.5", ttl=60)]}
    finding = (await _ask_dns(zone))[0]
    assert (finding.grade, finding.fact) == (Grade.WRONG, "example.org has no MX")


async def test_mail_that_goes_elsewhere_is_told() -> None:
    zone: Zone = {**GOOD_ZONE, b"example.org": [dns.Record_MX(5, b"mx.example.net", ttl=60)]}
    finding = (await _ask_dns(zone))[0]
    assert (finding.grade, finding.fact) == (Grade.WARNING, "mail for example.org goes to mx.example.net")


def test_check_tells_what_to_do_where_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    monkeypatch.setenv("AGORA_SMPT_PORT", "1")
    monkeypatch.setenv("AGORA_SHUTDOWN_GRACE", "tomorrow")
    result = CliRunner().invoke(agora, ["check", "--state", str(tmp_path), "--json"])
    findings = json.loads(result.stdout)
    assert result.exit_code == 1
    facts = [finding["fact"] for finding in findings]
    assert any("AGORA_SHUTDOWN_GRACE is 'tomorrow'" in fact for fact in facts)
    advice = {finding["fact"]: finding["advice"] for finding in findings}
    assert advice["AGORA_SMPT_PORT is no setting"].startswith("Is AGORA_SMTP_PORT meant? ")
