"""A smart host that wants a name and a password: they go over verified TLS alone, and mail waits without them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from twisted.internet.ssl import Certificate, CertificateOptions, PrivateCertificate, trustRootFromCertificates

from shared.accounts import scram
from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.list_queue import show_queued
from shared.outbound.remote_tls import RemoteTls
from shared.outbound.settings import OutboundSettings
from shared.outbound.smart_host import SmartHostSignIn
from shared.outbound.tests.build import a_departure, queue
from shared.outbound.tests.mail_server import (
    Answer,
    Behaviour,
    MailServer,
    MailServerConnection,
    serving_mail,
)
from shared.outbound.tests.test_runner import asked, is_empty, last_reply, queued, running
from shared.runtime.settings import read_settings
from shared.testing.certificates import SelfSigned, self_signed
from shared.testing.until import until

GOOD, OF_ANOTHER, UNKNOWN = self_signed("127.0.0.1"), self_signed("127.0.0.2"), self_signed("127.0.0.1")
TRUSTED = trustRootFromCertificates([Certificate.loadPEM(each.certificate) for each in (GOOD, OF_ANOTHER)])
CREDENTIALS = SmartHostSignIn("relay", "correct horse")
PLAIN = b"AUTH PLAIN " + base64.b64encode(b"\0relay\0correct horse")
SECRETS = (PLAIN[11:], *(base64.b64encode(word.encode()) for word in CREDENTIALS))
SIGNED_IN = b"235 2.7.0 signed in\r\n"
REFUSED = b"535 5.7.8 these credentials are not valid\r\n"


def options(certificate: SelfSigned) -> CertificateOptions:
    made: CertificateOptions = PrivateCertificate.loadPEM(certificate.certificate + certificate.key).options()
    return made


def a_smart_host(
    auth: Answer, mechanisms: bytes = b"PLAIN LOGIN", certificate: SelfSigned | None = GOOD, **more: Any
) -> Behaviour:
    """`auth` is the answer to AUTH; without a `certificate` there is no TLS."""
    tls = None if certificate is None else options(certificate)
    answers: Mapping[bytes, Answer] = {b"AUTH": auth, **more.pop("answers", {})}
    return Behaviour(answers, (b"AUTH " + mechanisms,), offers_tls=tls is not None, tls=tls, **more)


def sending(
    database: Database, bus: Bus, server: MailServer, credentials: Callable[[], SmartHostSignIn] = lambda: CREDENTIALS
) -> Any:
    """A runner that signs in at `server`."""
    settings = read_settings(
        OutboundSettings, outbound_smart_host=f"127.0.0.1:{server.port}", outbound_smart_host_user=CREDENTIALS.user
    )
    return running(database, bus, settings, tls=RemoteTls(TRUSTED), credentials=credentials)


async def test_name_and_password_are_sent_over_tls_before_the_message(database: Database, bus: Bus) -> None:
    with serving_mail(a_smart_host(SIGNED_IN)) as server:
        await queued(database)
        async with sending(database, bus, server):
            await asked(database, is_empty)
    assert [line[:4] for line in server.lines[:5]] == [b"EHLO", b"STAR", b"EHLO", b"AUTH", b"MAIL"]
    assert server.lines[3] == PLAIN
    assert server.taken[0].is_encrypted


async def test_login_is_spoken_where_there_is_no_plain(database: Database, bus: Bus) -> None:
    user, password = SECRETS[1:]
    answers = {user[:4].upper(): b"334 UGFzc3dvcmQ6\r\n", password[:4].upper(): SIGNED_IN}
    with serving_mail(a_smart_host(b"334 VXNlcm5hbWU6\r\n", b"CRAM-MD5 LOGIN", answers=answers)) as server:
        await queued(database)
        async with sending(database, bus, server):
            await asked(database, is_empty)
    assert server.lines[3:6] == [b"AUTH LOGIN", user, password]


async def test_wrong_password_keeps_mail_in_the_queue_and_says_so(database: Database, bus: Bus) -> None:
    with serving_mail(a_smart_host(REFUSED)) as server:
        await queued(database, departure := a_departure())
        async with sending(database, bus, server):
            await asked(database, last_reply)
    assert not server.taken
    assert b"MAIL" not in {line[:4] for line in server.lines}
    line, (recipient,) = await database.read(show_queued, departure.queue_id)
    assert line.recipients == 1
    said = "the smart host refuses the sign-in: 535 5.7.8 these credentials are not valid"
    assert said in recipient.last_reply  # what `queue show` says
    assert recipient.attempts == 1


class ScramServer:
    """The server's half of SCRAM-SHA-256, as answers of the mail server."""

    def __init__(self, **says: bytes) -> None:
        """`says`: other messages than the right ones, by the name of the right one; `done` is the last reply."""
        self.verifier = scram.derive(CREDENTIALS.password, iterations=4096)
        self.says = says
        self.proofs: list[bool] = []

    def behaviour(self) -> Behaviour:
        def auth(_: MailServerConnection, line: bytes) -> bytes:
            mechanism, response = line.split(b" ")[1:]
            return self.first(response) if mechanism == b"SCRAM-SHA-256" else SIGNED_IN

        def final(_: MailServerConnection, line: bytes) -> bytes:
            return self.final(line)

        answers = {b"YZ1I": final, b"": self.says.get("done", SIGNED_IN)}  # base64 of "c=b…", and of nothing
        return a_smart_host(auth, b"LOGIN PLAIN SCRAM-SHA-256", answers=answers)

    def first(self, encoded: bytes) -> bytes:
        self.asked = scram.parse_client_first(base64.b64decode(encoded, validate=True))
        self.nonce = scram.make_nonce(self.asked.nonce)
        self.told = self.says.get("first", scram.server_first(self.nonce, self.verifier))
        return b"334 " + base64.b64encode(self.told) + b"\r\n"

    def final(self, encoded: bytes) -> bytes:
        octets = base64.b64decode(encoded, validate=True)
        final = scram.parse_client_final(octets, self.asked.gs2_header, self.nonce)
        text = b",".join([self.asked.bare, self.told, final.without_proof])
        self.proofs.append(scram.proof_fits(self.verifier, text, final.proof))
        if "final" in self.says:
            return self.says["final"]
        if not self.proofs[-1]:
            return REFUSED
        return b"334 " + base64.b64encode(scram.server_final(self.verifier, text)) + b"\r\n"


async def test_scram_goes_before_what_sends_the_password(database: Database, bus: Bus) -> None:
    scram_server = ScramServer()
    with serving_mail(scram_server.behaviour()) as server:
        await queued(database)
        async with sending(database, bus, server):
            await asked(database, is_empty)
    assert scram_server.proofs == [True]
    assert server.lines[3].startswith(b"AUTH SCRAM-SHA-256 ")
    assert (server.lines[5], server.lines[6][:4]) == (b"", b"MAIL")
    assert not any(secret in line for line in server.lines for secret in SECRETS)


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ({"final": b"334 " + base64.b64encode(b"v=" + base64.b64encode(bytes(32))) + b"\r\n"}, "has not proved"),
        ({"final": b"334 \r\n"}, "has not proved"),
        ({"final": SIGNED_IN}, "has not proved"),
        ({"final": b"334 " + base64.b64encode(b"e=no-resources") + b"\r\n"}, "has not proved"),
        ({"first": b"r=another,s=YWJj,i=4096"}, "speaks SCRAM-SHA-256 wrongly"),
        ({"first": b"what?"}, "speaks SCRAM-SHA-256 wrongly"),
    ],
    ids=["wrong", "empty", "none", "error and yet in", "nonce", "nonsense"],
)
async def test_server_that_proves_nothing_gets_neither_mail_nor_password(
    database: Database, bus: Bus, says: dict[str, bytes], said: str
) -> None:
    with serving_mail(ScramServer(**says).behaviour()) as server:
        await queued(database)
        async with sending(database, bus, server):
            assert said in await asked(database, last_reply)
    assert not server.taken
    assert not any(secret in line for line in server.lines for secret in SECRETS)


@pytest.mark.parametrize("final", [REFUSED, b"334 " + base64.b64encode(b"e=other-error") + b"\r\n"], ids=["535", "e="])
async def test_where_scram_is_refused_plain_is_spoken_and_remembered(
    database: Database, bus: Bus, final: bytes
) -> None:
    """As by a server that keeps of this password only what PLAIN needs."""
    with serving_mail(ScramServer(final=final, done=REFUSED).behaviour()) as server:
        async with sending(database, bus, server):
            for number in (1, 2):
                await database.transact(lambda tx: queue(tx, a_departure()))
                await asked(database, is_empty)
                assert len(server.taken) == number
                for connection in list(server.open):
                    connection.transport.loseConnection()
                await until(lambda: not server.open)
    assert [line.split(b" ")[1] for line in server.lines if line[:4] == b"AUTH"] == [
        b"SCRAM-SHA-256", b"PLAIN", b"PLAIN"
    ]  # fmt: skip


async def test_sign_in_that_is_not_possible_now_is_not_tried_in_another_way(database: Database, bus: Bus) -> None:
    later = b"454 4.7.0 try again later\r\n"
    with serving_mail(ScramServer(final=later).behaviour()) as server:
        await queued(database)
        async with sending(database, bus, server):
            assert "the smart host refuses the sign-in: 454 4.7.0" in await asked(database, last_reply)
    assert not server.taken
    assert not any(secret in line for line in server.lines for secret in SECRETS)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (a_smart_host(SIGNED_IN, certificate=None), "the smart host offers no TLS, without which no password is sent"),
        (a_smart_host(SIGNED_IN, b"SCRAM-SHA-256", None), "the smart host offers no TLS, without which no password"),
        (a_smart_host(SIGNED_IN, certificate=OF_ANOTHER), "its certificate is for another host"),
        (a_smart_host(SIGNED_IN, certificate=UNKNOWN), "its certificate is by no authority that is trusted"),
        (a_smart_host(SIGNED_IN, breaks_tls=True), "TLS could not be started"),
        (a_smart_host(SIGNED_IN, b"GSSAPI"), "the smart host offers none of AUTH SCRAM-SHA-256, PLAIN and LOGIN"),
    ],
    ids=["no-tls", "no-tls-scram", "of-another-host", "unknown-authority", "broken", "no-mechanism"],
)
async def test_password_is_never_sent_where_it_could_be_read(
    database: Database, bus: Bus, behaviour: Behaviour, said: str
) -> None:
    with serving_mail(behaviour) as server:
        await queued(database)
        async with sending(database, bus, server):
            assert said in await asked(database, last_reply)
    assert not server.taken
    assert not any(secret in line for line in server.lines for secret in SECRETS)


async def test_password_that_cannot_be_read_keeps_mail_in_the_queue(database: Database, bus: Bus) -> None:
    def unreadable() -> SmartHostSignIn:
        raise PermissionError(13, "Permission denied")

    with serving_mail(a_smart_host(SIGNED_IN)) as server:
        await queued(database)
        async with sending(database, bus, server, unreadable):
            assert "the password for 127.0.0.1 cannot be read: Permission denied" in await asked(database, last_reply)
    assert not server.taken
