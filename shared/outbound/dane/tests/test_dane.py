"""Where a resolver has checked them, the keys that DNS has of a mail server are the only ones that count (DANE)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from twisted.internet.ssl import Certificate, CertificateOptions, PrivateCertificate

from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.dane.tlsa import TlsaRecord, read_tlsa
from shared.outbound.mail_names import MailNames
from shared.outbound.settings import OutboundSettings, system_resolvers
from shared.outbound.tests.build import a_departure
from shared.outbound.tests.dns_server import a, mx, serving_names, tlsa
from shared.outbound.tests.mail_server import Behaviour, MailServer, serving_mail
from shared.outbound.tests.test_runner import REMOTE, asked, is_empty, last_reply, queued, running
from shared.outbound.tls_wish import TlsWish
from shared.runtime.settings import WrongSetting, read_settings
from shared.testing.reactor import running_reactor

MX_HOST = "mx.remote.test"
DAY = timedelta(days=1)


class Chain:
    """An authority and a server's certificate by it."""

    def __init__(self, host: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        authority_key = ec.generate_private_key(ec.SECP256R1())
        self.authority = _certificate("an authority", authority_key, "an authority", authority_key, ca=True)
        self.own = _certificate(host, self.key, "an authority", authority_key, ca=False)

    def options(self) -> CertificateOptions:
        """What a server's `startTLS` takes: it shows both."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        private: Any = PrivateCertificate.loadPEM(self.own.public_bytes(Encoding.PEM) + key)
        above = Certificate.loadPEM(self.authority.public_bytes(Encoding.PEM))
        return CertificateOptions(
            privateKey=private.privateKey.original, certificate=private.original, extraCertChain=[above.original]
        )


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, by_key: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(by)).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - DAY).not_valid_after(now + DAY)
    made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if not ca:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return made.sign(by_key, hashes.SHA256())


def digest_of_key(certificate: x509.Certificate) -> bytes:
    octets = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(octets).digest()


GOOD, OF_ANOTHER = Chain(MX_HOST), Chain("mx.other.test")
WHOLE = GOOD.own.public_bytes(Encoding.DER)
WRONG = tlsa(3, 1, 1, b"x" * 32)


@asynccontextmanager
async def sending(
    database: Database,
    bus: Bus,
    records: Sequence[Any] | None,
    behaviour: Behaviour,
    unchecked: Sequence[str] = (),
) -> AsyncIterator[MailServer]:
    """With a runner that trusts the resolver, whose answers about all names but `unchecked` were checked."""
    with serving_mail(behaviour) as server:
        keys = f"_{server.port}._tcp.{MX_HOST}"
        world: dict[str, Any] = {REMOTE: [mx(10, MX_HOST)], MX_HOST: [a("127.0.0.1")], keys: records}
        secure = {name for name in world if not name.startswith(tuple(unchecked))} if unchecked else set(world)
        with serving_names(world, secure) as place:
            names = MailNames(running_reactor(), [place], trusts_dnssec=True)
            settings = read_settings(
                OutboundSettings, outbound_direct=True, outbound_private=True, outbound_port=server.port
            )
            async with running(database, bus, settings, names):
                yield server


@pytest.mark.parametrize(
    ("records", "chain"),
    [
        ([tlsa(3, 1, 1, digest_of_key(GOOD.own))], GOOD),
        ([WRONG, tlsa(3, 1, 1, digest_of_key(OF_ANOTHER.own))], OF_ANOTHER),  # its name does not count
        ([tlsa(3, 0, 2, hashlib.sha512(WHOLE).digest())], GOOD),
        ([tlsa(3, 0, 0, WHOLE)], GOOD),
        ([tlsa(2, 0, 1, hashlib.sha256(GOOD.authority.public_bytes(Encoding.DER)).digest())], GOOD),
        ([tlsa(1, 1, 1, b"x" * 32)], GOOD),  # not for mail: TLS is needed, whatever the certificate
    ],
    ids=["3-1-1", "of-two", "3-0-2", "3-0-0", "2-0-1", "unusable"],
)
async def test_server_with_a_published_key_has_the_message_over_tls(
    database: Database, bus: Bus, records: Sequence[Any], chain: Chain
) -> None:
    await queued(database)
    async with sending(database, bus, records, Behaviour(offers_tls=True, tls=chain.options())) as server:
        await asked(database, is_empty)
    assert server.taken[0].is_encrypted


@pytest.mark.parametrize(
    ("records", "behaviour", "said"),
    [
        ([WRONG], Behaviour(offers_tls=True, tls=GOOD.options()), "none that DNS has a record of"),
        (
            [tlsa(2, 1, 1, digest_of_key(OF_ANOTHER.authority))],
            Behaviour(offers_tls=True, tls=OF_ANOTHER.options()),
            "its certificate is for another host",
        ),
        ([WRONG], Behaviour(), "offers no TLS"),
        ([WRONG], Behaviour(offers_tls=True, breaks_tls=True), "TLS could not be started"),
        ([tlsa(1, 1, 1, b"x" * 32)], Behaviour(), "offers no TLS"),
        (None, Behaviour(), "the keys of mx.remote.test in DNS (DANE) cannot be looked up"),
    ],
    ids=["another-key", "another-host", "no-tls", "broken-tls", "unusable-and-no-tls", "look-up-fails"],
)
async def test_message_waits_where_the_server_has_none_of_the_published_keys(
    database: Database, bus: Bus, records: Sequence[Any] | None, behaviour: Behaviour, said: str
) -> None:
    await queued(database)
    async with sending(database, bus, records, behaviour) as server:
        assert said in await asked(database, last_reply)
    assert not server.taken


@pytest.mark.parametrize("unchecked", [REMOTE, "_"], ids=["exchangers", "keys"])
async def test_answers_that_were_not_checked_count_for_nothing(database: Database, bus: Bus, unchecked: str) -> None:
    await queued(database)
    async with sending(database, bus, [WRONG], Behaviour(), unchecked=[unchecked]) as server:
        await asked(database, is_empty)
    assert not server.taken[0].is_encrypted


async def test_published_key_is_enough_for_a_message_that_requires_tls(database: Database, bus: Bus) -> None:
    behaviour = Behaviour(extensions=(b"REQUIRETLS",), offers_tls=True, tls=GOOD.options())
    await queued(database, a_departure()._replace(tls=TlsWish.REQUIRED))
    async with sending(database, bus, [tlsa(3, 1, 1, digest_of_key(GOOD.own))], behaviour) as server:
        await asked(database, is_empty)
    assert server.taken[0].mail.endswith(" REQUIRETLS")


async def test_answer_that_comes_by_tcp_was_checked_all_the_same() -> None:
    world = {REMOTE: [mx(10, f"mx{number}.{'x' * 40}.remote.test") for number in range(40)]}  # more than a datagram
    with serving_names(world, world) as place:
        found = await MailNames(running_reactor(), [place], trusts_dnssec=True).exchangers(REMOTE)
    assert found.is_secure
    assert len(found.by_preference[0]) == 40


async def test_resolver_that_is_not_trusted_is_not_asked_for_keys(database: Database) -> None:
    with serving_names({}, ()) as place:
        assert await MailNames(running_reactor(), [place]).keys(MX_HOST, 25) == ()


@pytest.mark.parametrize(("octets", "record"), [(b"\x03\x01\x01", None), (b"\x03\x01\x01x", TlsaRecord(3, 1, 1, b"x"))])
def test_record_is_read_or_is_none(octets: bytes, record: TlsaRecord | None) -> None:
    assert read_tlsa(octets) == record


@pytest.mark.parametrize("servers", [("192.0.2.53",), ("127.0.0.1", "192.0.2.53:5353")])
def test_resolver_elsewhere_cannot_be_trusted(servers: Sequence[str]) -> None:
    with pytest.raises(WrongSetting, match="needs DNS servers on this machine"):
        read_settings(OutboundSettings, outbound_dns_servers=servers, outbound_dnssec="trusted-resolver")


def test_resolver_on_this_machine_can_be_trusted(tmp_path: Any) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("search x\nnameserver 127.0.0.53\nnameserver ::1\n")
    assert system_resolvers(file) == ["127.0.0.53", "[::1]"]
    servers = ("127.0.0.53", "[::1]:5353")
    read = read_settings(OutboundSettings, outbound_dns_servers=servers, outbound_dnssec="trusted-resolver")
    assert read.outbound_dnssec == "trusted-resolver"
    assert system_resolvers(tmp_path / "none") == ["127.0.0.1"]
