"""The runner sends what is due, by one connection where it can."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.activity.events import Attempt
from shared.activity.record import flush, recorded
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.mail.domains import ensure_domain
from shared.outbound.claim import MOST_OF_DOMAIN
from shared.outbound.connect import ServerConnector
from shared.outbound.departure import Departure, RemoteRecipient
from shared.outbound.dkim.signer import Signer
from shared.outbound.mail_names import MailNames
from shared.outbound.mta_sts.policies import StsPolicies
from shared.outbound.places import ServerPlace
from shared.outbound.remote_tls import RemoteTls
from shared.outbound.routes import Routes
from shared.outbound.runner import Runner
from shared.outbound.settings import OutboundSettings
from shared.outbound.settle import Settling
from shared.outbound.smart_host import SmartHostSignIn
from shared.outbound.stages import Stages
from shared.outbound.tests.build import SETTLING, TEXT, a_departure, mail_of, queue
from shared.outbound.tests.mail_server import HANG, Behaviour, MailServer, serving_mail
from shared.runtime.settings import read_settings
from shared.testing.builders import a_member
from shared.testing.reactor import running_reactor
from shared.testing.until import until

USUAL = Stages(idle=timedelta(milliseconds=200))
SOON = timedelta(milliseconds=700)  # for the stage alone in which a server hangs
KEPT = Stages(idle=timedelta(minutes=1))  # until the end of the test, however slow the machine is
REMOTE = "remote.test"


def settings_for(server: MailServer, **more: Any) -> OutboundSettings:
    return read_settings(
        OutboundSettings,
        hostname="mail.example.org",
        outbound_routes=tuple(f"{each}=127.0.0.1:{server.port}" for each in (REMOTE, "other.test")),
        **more,
    )


@asynccontextmanager
async def running(
    database: Database,
    bus: Bus,
    settings: OutboundSettings,
    names: MailNames | None = None,
    stages: Stages = USUAL,
    signer: Signer | None = None,
    policies: StsPolicies | None = None,
    tls: RemoteTls | None = None,
    credentials: Callable[[], SmartHostSignIn] | None = None,
    settling: Settling = SETTLING,
    connections_per_host: int = 5,
) -> AsyncIterator[Runner]:
    reactor = running_reactor()
    names = names or MailNames(reactor, [ServerPlace("127.0.0.1", 9)])
    connector = ServerConnector(
        reactor,
        settings.hostname,
        names,
        private=settings.outbound_private,
        own_ports=(2025,),
        credentials=credentials,
        stages=stages,
        tls=tls,
        keys=names.keys,
    )
    routes = Routes(settings, names, policies)
    runner = Runner(
        database,
        bus,
        routes,
        connector,
        settling,
        reactor,
        signer=signer,
        connections_per_host=connections_per_host,
    )
    try:
        yield runner
    finally:
        await runner.close()


async def queued(database: Database, *departures: Departure, octets: bytes = TEXT) -> Account:
    """Of alice, who is here."""

    def begin(tx: Transaction) -> Account:
        alice = a_member(tx, "alice")
        for departure in departures or (a_departure(),):
            queue(tx, departure._replace(account_id=alice.id), octets=octets)
        return alice

    return await database.transact(begin)


async def asked(database: Database, look: Callable[[Transaction], Any]) -> Any:
    """What `look` finds, once it finds something."""
    while not (found := await database.read(look)):
        await deferLater(running_reactor(), 0.02)
    return found


def is_empty(tx: Transaction) -> bool:
    return not tx.value("SELECT count(*) FROM outbound")


def last_reply(tx: Transaction) -> str:
    return str(tx.value("SELECT last_reply FROM outbound_recipient WHERE last_reply <> ''") or "")


def closes(connection: Any, _line: bytes) -> None:
    """What a server does that hangs up."""
    connection.transport.loseConnection()


async def test_message_arrives_as_it_was_kept_without_return_path(database: Database, bus: Bus) -> None:
    kept = b"Return-Path: <alice@example.org>\r\nReceived: by here\r\n" + TEXT + b".\r\n..two\r\n.end"
    with serving_mail() as server, recorded() as events:
        await queued(database, octets=kept)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
            await until(lambda: server.lines[-1] == b"QUIT")
        flush()
    (taken,) = server.taken
    assert taken.octets == kept.partition(b"\r\n")[2] + b"\r\n"
    assert (taken.sender, taken.recipients) == ("alice@example.org", ["bob@remote.test"])
    (attempt,) = [each for each in events if isinstance(each, Attempt)]
    assert (attempt.outcome, attempt.host, attempt.account) == ("delivered", "127.0.0.1", "alice")


async def test_news_wakes_the_runner_and_the_connection_is_used_again(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        async with running(database, bus, settings_for(server), stages=KEPT):
            await queued(database)
            await until(lambda: len(server.taken) == 1)
            await database.transact(lambda tx: queue(tx, a_departure()))
            await until(lambda: len(server.taken) == 2)
    assert server.connections == 1


async def test_recipients_at_one_server_are_sent_in_one_transaction(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        await queued(database, a_departure(None, "a@remote.test", "b@remote.test", "c@other.test", "d@remote.test"))
        settings = settings_for(server).model_copy(
            update={"outbound_routes": (), "outbound_smart_host": f"127.0.0.1:{server.port}"}
        )
        async with running(database, bus, settings):
            await asked(database, is_empty)
    (taken,) = server.taken
    assert len(taken.recipients) == 4


async def test_recipient_that_is_refused_bounces_and_the_others_have_the_message(database: Database, bus: Bus) -> None:
    def rcpt(_connection: object, line: bytes) -> bytes:
        return b"550 5.1.1 no such user\r\n" if b"nobody" in line else b"250 ok\r\n"

    with serving_mail(Behaviour({b"RCPT": rcpt})) as server:
        alice = await queued(database, a_departure(None, "nobody@remote.test", "bob@remote.test"))
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert server.recipients == ["bob@remote.test"]
    (bounce,) = await database.read(mail_of, alice)
    assert b"550 5.1.1 no such user" in bounce
    assert b"Final-Recipient: rfc822; nobody@remote.test\r\n" in bounce


async def test_recipients_that_are_too_many_go_in_another_transaction(database: Database, bus: Bus) -> None:
    def rcpt(connection: Any, _line: bytes) -> bytes:
        return b"452 4.5.3 too many\r\n" if len(connection.recipients) >= 3 else b"250 ok\r\n"

    with serving_mail(Behaviour({b"RCPT": rcpt})) as server:
        await queued(database, a_departure(None, *(f"u{number}@remote.test" for number in range(8))))
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert [len(each.recipients) for each in server.taken] == [3, 3, 2]


async def test_hundreds_of_recipients_are_sent_in_portions(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        await queued(database, a_departure(None, *(f"u{number}@d{number % 2}.test" for number in range(190))))
        settings = read_settings(OutboundSettings, outbound_smart_host=f"127.0.0.1:{server.port}")
        async with running(database, bus, settings):
            await asked(database, is_empty)
    assert len(server.recipients) == 190
    assert len(server.taken) == 1


async def test_server_of_before_esmtp_is_spoken_to(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour({b"EHLO": b"500 what\r\n"})) as server:
        await queued(database)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert server.lines[1] == b"HELO mail.example.org"
    assert server.taken[0].mail == "MAIL FROM:<alice@example.org>"


@pytest.mark.parametrize(
    ("departure", "extensions", "status"),
    [
        ({"eight_bit": True}, (b"PIPELINING",), b"5.6.3"),
        ({"utf8": True}, (b"8BITMIME",), b"5.6.7"),
        ({}, (b"SIZE 10",), b"5.3.4"),
    ],
    ids=["8bitmime", "smtputf8", "size"],
)
async def test_message_that_the_server_can_never_take_bounces(
    database: Database, bus: Bus, departure: dict[str, bool], extensions: tuple[bytes, ...], status: bytes
) -> None:
    with serving_mail(Behaviour(extensions=extensions)) as server:
        alice = await queued(database, a_departure()._replace(**departure))  # type: ignore[arg-type]
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert not server.taken
    assert b"Status: " + status in (await database.read(mail_of, alice))[0]


async def test_extensions_are_asked_for_where_they_are_offered(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour(extensions=(b"SIZE 1000", b"8BITMIME", b"SMTPUTF8", b"DSN"))) as server:
        recipient = RemoteRecipient("bob@remote.test", REMOTE, "SUCCESS,FAILURE", "rfc822;bob@remote.test")
        departure = a_departure()._replace(
            recipients=[recipient], eight_bit=True, utf8=True, envelope_id="id", returns_all=True
        )
        alice = await queued(database, departure)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    size = len(TEXT)
    assert server.taken[0].mail == f"MAIL FROM:<alice@example.org> SIZE={size} BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=id"
    assert b"RCPT TO:<bob@remote.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@remote.test" in server.lines
    assert not await database.read(mail_of, alice)  # the other server reports


async def test_success_is_told_where_the_server_makes_no_reports(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        alice = await queued(database, a_departure(notify="SUCCESS"))
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert b"Action: relayed\r\n" in (await database.read(mail_of, alice))[0]


async def test_tls_is_used_where_it_is_offered(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour(offers_tls=True)) as server:
        await queued(database)
        async with running(database, bus, settings_for(server), stages=Stages()):
            await asked(database, is_empty)
    assert server.taken[0].is_encrypted


async def test_tls_that_is_offered_and_fails_is_done_without(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour(offers_tls=True, breaks_tls=True)) as server:
        await queued(database)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert not server.taken[0].is_encrypted
    assert server.connections == 2


async def test_large_message_goes_in_pieces_and_arrives_whole(database: Database, bus: Bus) -> None:
    line = b"." + b"x" * 75 + b"\r\n"
    octets = TEXT + b"y" * (1048576 - len(TEXT) - 1) + b"\r\n.dot at the chunk's end\r\n" + line * 40_000
    with serving_mail(Behaviour(extensions=(b"PIPELINING",))) as server:
        await queued(database, octets=octets)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert server.taken[0].octets == octets


async def test_more_than_one_claim_takes_of_a_domain_does_not_wait_for_the_next_look(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.outbound.runner.LOOK_EVERY", timedelta(hours=1))
    with serving_mail() as server:
        await database.transact(lambda tx: queue(tx, *(a_departure() for _ in range(MOST_OF_DOMAIN * 2 + 50))))
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert len(server.taken) == MOST_OF_DOMAIN * 2 + 50


async def test_closing_gives_back_what_was_not_sent(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour({b"DOT": HANG})) as server:
        await queued(database, *(a_departure() for _ in range(20)))
        async with running(database, bus, settings_for(server), stages=Stages()):
            await until(lambda: len([each for each in server.open if each.lines[-1:] == [b"DATA"]]) == 5)
    rows: Sequence[Any] = await database.read(lambda tx: tx.rows("SELECT leased_by FROM outbound_recipient"))
    assert [each for (each,) in rows] == [None] * 20


async def test_server_that_closed_an_idle_connection_costs_no_attempt(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        async with running(database, bus, settings_for(server), stages=KEPT):
            await queued(database)
            await until(lambda: len(server.taken) == 1)
            server.behaviour.answers = {b"MAIL": closes}
            server.open[0].transport.loseConnection()
            await until(lambda: not server.open)
            server.behaviour.answers = {}
            await database.transact(lambda tx: queue(tx, a_departure()))
            await until(lambda: len(server.taken) == 2)
    assert server.connections == 2


async def test_report_to_elsewhere_is_sent_with_the_null_sender(database: Database, bus: Bus) -> None:
    with serving_mail(
        Behaviour({b"RCPT": lambda _c, line: b"550 no\r\n" if b"bob" in line else b"250 ok\r\n"})
    ) as server:
        await database.transact(ensure_domain, "example.org")
        await queued(database, a_departure(sender="eve@other.test"))
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert [(each.sender, each.recipients) for each in server.taken] == [("", ["eve@other.test"])]
    assert b"Action: failed\r\n" in server.taken[0].octets
