"""Servers that do everything wrong, places that are not connected to, and mail that goes in circles."""

from __future__ import annotations

import pytest

from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.mail_names import MailNames
from shared.outbound.settings import OutboundSettings
from shared.outbound.tests.build import TEXT, mail_of
from shared.outbound.tests.dns_server import a, mx, serving_names
from shared.outbound.tests.mail_server import HANG, Answer, Behaviour, serving_mail
from shared.outbound.tests.test_runner import (
    REMOTE,
    SOON,
    USUAL,
    asked,
    closes,
    is_empty,
    last_reply,
    queued,
    running,
    settings_for,
)
from shared.runtime.settings import read_settings
from shared.testing.reactor import running_reactor

# The stage of what a server leaves unanswered; the others have all the time that they need.
STAGE_OF = {b"CONNECT": "greeting", b"EHLO": "command", b"DOT": "dot"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({b"CONNECT": HANG}, "did not answer within"),
        ({b"CONNECT": b"220-" + b"x" * (1 << 20)}, "longer than 16 KiB"),
        ({b"CONNECT": b"220-and so on\r\n" * 80_000}, "longer than 16 KiB"),
        ({b"CONNECT": b"HTTP/1.1 400 Bad Request\r\n"}, "no reply of SMTP"),
        ({b"CONNECT": b"554 5.7.1 not you\r\n"}, "554 5.7.1 not you"),
        ({b"EHLO": HANG}, "did not answer within"),
        ({b"MAIL": b"451 4.7.1 greylisted\r\n"}, "451 4.7.1 greylisted"),
        ({b"RCPT": b"451 4.7.1 greylisted\r\n"}, "451 4.7.1 greylisted"),
        ({b"DATA": b"451 4.3.0 not now\r\n"}, "451 4.3.0 not now"),
        ({b"DATA": closes}, "has closed the connection"),
        ({b"DOT": HANG}, "did not answer within"),
        ({b"DOT": closes}, "has closed the connection"),
        ({b"DOT": b"452 4.3.1 disk full\r\n"}, "452 4.3.1 disk full"),
    ],
    ids=[
        *("hangs", "megabyte-of-greeting", "endless-greeting", "no-smtp", "refuses", "hangs-at-ehlo", "defers-mail"),
        *("defers-rcpt", "defers-data", "closes-at-data", "hangs-at-dot", "closes-at-dot", "defers-dot"),
    ],
)  # fmt: skip
async def test_server_at_fault_is_tried_again_later(
    database: Database, bus: Bus, answers: dict[bytes, Answer], said: str
) -> None:
    with serving_mail(Behaviour(answers)) as server:
        alice = await queued(database)
        stages = USUAL._replace(**{STAGE_OF[verb]: SOON for verb, answer in answers.items() if answer is HANG})
        async with running(database, bus, settings_for(server), stages=stages):
            assert said in await asked(database, last_reply)
    attempts = await database.read(
        lambda tx: tx.row("SELECT attempts, leased_by, next_attempt_at > now() FROM outbound_recipient")
    )
    assert attempts == (1, None, True)
    assert not await database.read(mail_of, alice)


async def test_nobody_listens_and_the_next_server_takes_it(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        world = {
            REMOTE: [mx(10, "silent.test"), mx(20, "mx.test")],
            "silent.test": [a("127.0.0.77")],
            "mx.test": [a("127.0.0.1")],
        }
        with serving_names(world) as place:
            await queued(database)
            settings = read_settings(
                OutboundSettings, outbound_direct=True, outbound_private=True, outbound_port=server.port
            )
            async with running(database, bus, settings, MailNames(running_reactor(), [place])):
                await asked(database, is_empty)
    assert server.recipients == ["bob@remote.test"]


async def test_private_address_is_not_connected_to(database: Database, bus: Bus) -> None:
    with serving_mail() as server, serving_names({REMOTE: [a("127.0.0.1")]}) as place:
        alice = await queued(database)
        settings = read_settings(OutboundSettings, outbound_direct=True, outbound_port=server.port)
        async with running(database, bus, settings, MailNames(running_reactor(), [place])):
            await asked(database, is_empty)
    assert server.connections == 0
    assert b"Status: 5.4.4" in (await database.read(mail_of, alice))[0]


async def test_own_address_is_not_connected_to(database: Database, bus: Bus) -> None:
    with serving_names({REMOTE: [a("127.0.0.1")]}) as place:
        alice = await queued(database)
        settings = read_settings(OutboundSettings, outbound_direct=True, outbound_private=True, outbound_port=2025)
        async with running(database, bus, settings, MailNames(running_reactor(), [place])):
            await asked(database, is_empty)
    assert b"Status: 5.4.4" in (await database.read(mail_of, alice))[0]


async def test_server_that_greets_with_our_name_is_a_loop(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour({b"CONNECT": b"220 mail.example.org ESMTP\r\n"})) as server:
        alice = await queued(database)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert b"Status: 5.4.6" in (await database.read(mail_of, alice))[0]


async def test_message_that_came_through_fifty_servers_ends_here(database: Database, bus: Bus) -> None:
    with serving_mail() as server:
        alice = await queued(database, octets=b"Received: by x\r\n" * 51 + TEXT)
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert server.connections <= 1
    assert not server.taken
    assert b"Status: 5.4.6" in (await database.read(mail_of, alice))[0]
