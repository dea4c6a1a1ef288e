"""Signing in as transcripts cannot show it: with a reckoning client, from far away, too often, and after a ban."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator

import pytest

from services.mail_access.imap.doors import make_factory
from services.mail_access.imap.tests.conftest import PASSWORD, House
from services.mail_access.imap.tests.wire_client import Client
from services.mail_access.settings import MailAccessSettings
from shared.accounts.change_account import disable_account
from shared.accounts.channel import AccountChanged
from shared.accounts.tests.scram_client import ScramClient
from shared.testing.reactor import call_in_reactor
from shared.testing.serving import serving
from shared.testing.wire import SocketWire

SESSIONS_PER_ACCOUNT = 5  # conftest.settings


def test_scram_sha_256(imap_port: int) -> None:
    """RFC 7677; the server proves that it knows the password, too."""
    wire = SocketWire("127.0.0.1", imap_port)
    wire.read_line()
    scram = ScramClient("alice", PASSWORD)
    wire.send(b"a AUTHENTICATE SCRAM-SHA-256 " + b64encode(scram.first()) + b"\r\n")
    challenge = wire.read_line()
    wire.send(b64encode(scram.final(b64decode(challenge.removeprefix(b"+ ")))) + b"\r\n")
    assert b64decode(wire.read_line().removeprefix(b"+ ")) == scram.expected_signature
    wire.send(b"\r\n")
    assert wire.read_line().startswith(b"a OK [CAPABILITY IMAP4rev1 LITERAL+")
    wire.close()


class TestFromFarAway:
    @pytest.fixture
    def settings(self) -> MailAccessSettings:
        return MailAccessSettings.model_validate({"trusted_proxies": "127.0.0.0/8"})

    @pytest.fixture
    def wire(self, imap_port: int) -> Iterator[SocketWire]:
        made = SocketWire("127.0.0.1", imap_port)
        made.send(b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 143\r\n")
        yield made
        made.close()

    def test_no_password_goes_over_plaintext(self, wire: SocketWire) -> None:
        greeting = wire.read_line()
        assert b"STARTTLS LOGINDISABLED]" in greeting
        assert b"AUTH=" not in greeting
        wire.send(b'a LOGIN alice "correct horse"\r\nb AUTHENTICATE PLAIN AGFsaWNlAGNvcnJlY3QgaG9yc2U=\r\n')
        assert wire.read_line().startswith(b"a NO [PRIVACYREQUIRED]")
        assert wire.read_line().startswith(b"b NO [PRIVACYREQUIRED]")

    def test_inside_tls_it_does(self, wire: SocketWire) -> None:
        wire.read_line()
        wire.send(b"a STARTTLS\r\n")
        assert wire.read_line().startswith(b"a OK")
        wire.start_tls()
        wire.send(b'b LOGIN alice "correct horse"\r\n')
        assert wire.read_line().startswith(b"b OK")


def test_implicit_tls(house: House) -> None:
    with serving(make_factory(house.parts, "imaps", implicit_tls=True)) as port:
        wire = SocketWire("127.0.0.1", port, tls=True)
        greeting = wire.read_line()
        assert b"STARTTLS" not in greeting
        assert b"AUTH=PLAIN" in greeting
        wire.close()


def test_an_account_has_so_many_sessions_and_no_more(imap_port: int) -> None:
    clients = [Client(imap_port) for _ in range(SESSIONS_PER_ACCOUNT + 1)]
    results = [client.run(b'LOGIN alice "correct horse"')[0] for client in clients]
    assert [result.condition for result in results] == [b"OK"] * SESSIONS_PER_ACCOUNT + [b"NO"]
    assert results[-1].code == b"LIMIT"
    clients[0].do(b"LOGOUT")
    clients[0].close()
    (again,) = clients[-1].run(b'LOGIN bob "correct horse"')
    assert again.condition == b"OK"
    for client in clients[1:]:
        client.close()


def test_a_disabled_account_loses_its_sessions(house: House, imap_port: int) -> None:
    client = Client(imap_port)
    client.do(b'LOGIN bob "correct horse"')
    _, octets = client.tagged(b"IDLE")
    client.send(octets)
    assert client.continuation().startswith(b"+")
    disable_account(house.transaction, house.accounts["bob"])
    house.transaction.commit()
    call_in_reactor(house.bus.announce, [AccountChanged(house.accounts["bob"])])
    assert client.continuation() == b"* BYE the account is disabled or deleted"
    client.close()
    other = Client(imap_port)
    (result,) = other.run(b'LOGIN bob "correct horse"')
    assert result.code == b"CONTACTADMIN"
    other.close()
