"""Where a domain's policy (MTA-STS) asks for it, mail goes to servers with a valid certificate, and waits otherwise.

Where its sender asks for it (REQUIRETLS), it bounces otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.ssl import Certificate, CertificateOptions, PrivateCertificate, trustRootFromCertificates

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.mail.domains import ensure_domain
from shared.outbound.claim import claim_due
from shared.outbound.departure import Departure
from shared.outbound.list_queue import show_queued
from shared.outbound.mail_names import MailNames
from shared.outbound.mta_sts.policies import StsPolicies
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.remote_tls import RemoteTls
from shared.outbound.settings import OutboundSettings
from shared.outbound.settle import settle
from shared.outbound.tests.build import PROCESS, SETTLING, a_departure, mail_of, queue
from shared.outbound.tests.dns_server import a, mx, serving_names, txt
from shared.outbound.tests.mail_server import Behaviour, MailServer, serving_mail
from shared.outbound.tests.policy_server import MODES, WEB_HOST, PolicyServer, serving_policy
from shared.outbound.tests.test_runner import REMOTE, asked, is_empty, last_reply, queued, running
from shared.outbound.tls_wish import TlsWish
from shared.reach.fetch import Fetcher
from shared.reach.names import Names
from shared.runtime.settings import read_settings
from shared.testing.certificates import self_signed
from shared.testing.reactor import running_reactor

MX_HOST = "mx.remote.test"
GOOD = self_signed(MX_HOST)
OF_ANOTHER = self_signed("mx.other.test")
UNKNOWN = self_signed(MX_HOST)
TRUSTED = trustRootFromCertificates([Certificate.loadPEM(each.certificate) for each in (GOOD, OF_ANOTHER)])


def options(certificate: Any) -> CertificateOptions:
    made: CertificateOptions = PrivateCertificate.loadPEM(certificate.certificate + certificate.key).options()
    return made


class Elsewhere:
    """A domain with a policy, and its mail server."""

    def __init__(self, server: MailServer, web: PolicyServer, world: dict[str, Any], names: MailNames) -> None:
        self.server = server
        self.web = web
        self.world = world
        self._names = names

    @asynccontextmanager
    async def sending(self, database: Database, bus: Bus) -> AsyncIterator[None]:
        """With a runner."""
        reactor = running_reactor()
        fetcher = Fetcher(reactor, names=Names(self._names, reactor), trust_root=self.web.trust_root)
        policies = StsPolicies(database, self._names, fetcher, reactor, private=True, port=self.web.port)
        settings = read_settings(
            OutboundSettings, outbound_direct=True, outbound_private=True, outbound_port=self.server.port
        )
        async with running(database, bus, settings, self._names, policies=policies, tls=RemoteTls(TRUSTED)):
            yield


@contextmanager
def elsewhere(folder: Path, behaviour: Behaviour) -> Iterator[Elsewhere]:
    world: dict[str, Any] = {
        REMOTE: [mx(10, MX_HOST)],
        MX_HOST: [a("127.0.0.1")],
        WEB_HOST: [a("127.0.0.1")],
        f"_mta-sts.{REMOTE}": [txt("v=STSv1; id=1;")],
    }
    with serving_names(world) as place, serving_policy(folder) as web, serving_mail(behaviour) as server:
        yield Elsewhere(server, web, world, MailNames(running_reactor(), [place]))


async def test_server_that_the_policy_names_with_a_valid_certificate_has_the_message(
    database: Database, bus: Bus, tmp_path: Path
) -> None:
    with elsewhere(tmp_path, Behaviour(offers_tls=True, tls=options(GOOD))) as there:
        await queued(database)
        async with there.sending(database, bus):
            await asked(database, is_empty)
    (taken,) = there.server.taken
    assert taken.is_encrypted
    assert there.web.asked == 1


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Behaviour(), "mx.remote.test offers no TLS, which is needed here"),
        (Behaviour(offers_tls=True, tls=options(OF_ANOTHER)), "its certificate is for another host"),
        (Behaviour(offers_tls=True, tls=options(UNKNOWN)), "its certificate is by no authority that is trusted"),
        (Behaviour(offers_tls=True, breaks_tls=True), "TLS could not be started"),
    ],
    ids=["no-tls", "of-another-host", "unknown-authority", "broken"],
)
async def test_message_waits_where_the_server_is_not_what_the_policy_asks_for(
    database: Database, bus: Bus, tmp_path: Path, behaviour: Behaviour, said: str
) -> None:
    with elsewhere(tmp_path, behaviour) as there:
        await queued(database, departure := a_departure())
        async with there.sending(database, bus):
            assert said in await asked(database, last_reply)
    assert not there.server.taken
    assert b"MAIL" not in {line[:4] for line in there.server.lines}
    _, (recipient,) = await database.read(show_queued, departure.queue_id)
    assert said in recipient.last_reply  # what `queue show` says
    assert recipient.attempts == 1


async def test_message_waits_where_the_policy_names_no_server_of_dns(
    database: Database, bus: Bus, tmp_path: Path
) -> None:
    with elsewhere(tmp_path, Behaviour(offers_tls=True, tls=options(GOOD))) as there:
        there.world[REMOTE] = [mx(10, "evil.test")]
        there.world["evil.test"] = [a("127.0.0.1")]
        await queued(database)
        async with there.sending(database, bus):
            assert "names none of the mail servers that DNS names: evil.test" in await asked(database, last_reply)
    assert there.server.connections == 0


async def test_server_that_the_policy_does_not_name_is_passed_over(
    database: Database, bus: Bus, tmp_path: Path
) -> None:
    with elsewhere(tmp_path, Behaviour(offers_tls=True, tls=options(GOOD))) as there:
        there.world[REMOTE] = [mx(5, "evil.test"), mx(10, MX_HOST)]
        there.world["evil.test"] = [a("127.0.0.1")]
        await queued(database)
        async with there.sending(database, bus):
            await asked(database, is_empty)
    assert there.server.taken[0].is_encrypted


@pytest.mark.parametrize("mode", ["testing", "none"])
async def test_policy_that_is_not_enforced_keeps_no_message_back(
    database: Database, bus: Bus, tmp_path: Path, mode: str
) -> None:
    with elsewhere(tmp_path, Behaviour()) as there:
        there.web.text = MODES[mode]
        await queued(database)
        async with there.sending(database, bus):
            await asked(database, is_empty)
    assert len(there.server.taken) == 1


def required() -> Departure:
    return a_departure()._replace(tls=TlsWish.REQUIRED, returns_all=True)


async def test_message_that_requires_tls_is_sent_to_a_server_that_does_so_too(
    database: Database, bus: Bus, tmp_path: Path
) -> None:
    behaviour = Behaviour(extensions=(b"PIPELINING", b"REQUIRETLS"), offers_tls=True, tls=options(GOOD))
    with elsewhere(tmp_path, behaviour) as there:
        there.web.text = MODES["testing"]  # names the server all the same
        await queued(database, required(), a_departure(None, "carol@remote.test"))
        async with there.sending(database, bus):
            await asked(database, is_empty)
    mails = {taken.recipients[0]: taken.mail for taken in there.server.taken}
    assert mails["bob@remote.test"] == "MAIL FROM:<alice@example.org> REQUIRETLS"
    assert mails["carol@remote.test"] == "MAIL FROM:<alice@example.org>"


@pytest.mark.parametrize(
    ("behaviour", "record", "said"),
    [
        (Behaviour(extensions=(b"REQUIRETLS",)), True, "offers no TLS"),
        (Behaviour(extensions=(b"REQUIRETLS",), offers_tls=True, tls=options(UNKNOWN)), True, "by no authority"),
        (Behaviour(offers_tls=True, tls=options(GOOD)), True, "does not offer REQUIRETLS"),
        (Behaviour(extensions=(b"REQUIRETLS",), offers_tls=True, tls=options(GOOD)), False, "vouches for its mail"),
    ],
    ids=["no-tls", "unknown-authority", "not-offered", "no-policy"],
)
async def test_message_that_requires_tls_bounces_where_there_is_no_such_server(
    database: Database, bus: Bus, tmp_path: Path, behaviour: Behaviour, record: bool, said: str
) -> None:
    with elsewhere(tmp_path, behaviour) as there:
        if not record:
            del there.world[f"_mta-sts.{REMOTE}"]
        alice = await queued(database, required())
        async with there.sending(database, bus):
            await asked(database, is_empty)
    assert not there.server.taken
    (bounce,) = await database.read(mail_of, alice)
    assert b"Status: 5.7.30\r\n" in bounce
    assert said.encode() in bounce
    assert b"At four?" not in bounce  # RET=FULL counts for nothing then


async def test_message_that_requires_tls_waits_for_a_server_that_is_away(
    database: Database, bus: Bus, tmp_path: Path
) -> None:
    with elsewhere(tmp_path, Behaviour({b"CONNECT": b"421 4.3.2 later\r\n"})) as there:
        await queued(database, required())
        async with there.sending(database, bus):
            assert "421 4.3.2 later" in await asked(database, last_reply)


async def test_smart_host_that_the_operator_chose_needs_no_policy_for_requiretls(database: Database, bus: Bus) -> None:
    made = self_signed("127.0.0.1")
    trusted = trustRootFromCertificates([Certificate.loadPEM(made.certificate)])
    with serving_mail(Behaviour(extensions=(b"REQUIRETLS",), offers_tls=True, tls=options(made))) as server:
        await queued(database, required())
        settings = read_settings(OutboundSettings, outbound_smart_host=f"127.0.0.1:{server.port}")
        async with running(database, bus, settings, tls=RemoteTls(trusted)):
            await asked(database, is_empty)
    assert server.taken[0].mail.endswith(" REQUIRETLS")


async def test_report_about_a_message_that_requires_tls_requires_it_too(database: Database) -> None:
    def bounce(tx: Transaction) -> Any:
        ensure_domain(tx, "example.org")
        queue(tx, required()._replace(sender="eve@elsewhere.test"))
        outcomes = [AttemptOutcome(each, Fate.FAILED, "5.1.1", "no") for each in claim_due(tx, PROCESS, 10)]
        settle(tx, outcomes, SETTLING)
        return claim_due(tx, PROCESS, 10)[0].message.tls

    assert await database.transact(bounce) is TlsWish.REQUIRED


async def test_message_whose_sender_waives_tls_goes_whatever_the_policy_says(
    database: Database, bus: Bus, tmp_path: Path
) -> None:
    with elsewhere(tmp_path, Behaviour(offers_tls=True, breaks_tls=True)) as there:
        await queued(database, a_departure()._replace(tls=TlsWish.WAIVED))
        async with there.sending(database, bus):
            await asked(database, is_empty)
    assert not there.server.taken[0].is_encrypted
    assert there.web.asked == 0
