"""Servers that never finish: they defer for ever, close in the middle of a message, or offer TLS and are silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from twisted.internet.task import deferLater

from shared.database.database import Database
from shared.events.bus import Bus
from shared.outbound.change_queue import retry_queued
from shared.outbound.retry import RetryTimes
from shared.outbound.tests.build import SETTLING, TEXT, mail_of
from shared.outbound.tests.mail_server import Behaviour, serving_mail
from shared.outbound.tests.test_runner import (
    USUAL,
    asked,
    is_empty,
    last_reply,
    queued,
    running,
    settings_for,
)
from shared.testing.reactor import running_reactor


async def test_server_that_defers_for_ever_is_told_to_the_sender_once_and_then_given_up(
    database: Database, bus: Bus
) -> None:
    times = RetryTimes(timedelta(milliseconds=100), timedelta(milliseconds=500), timedelta(seconds=3))
    with serving_mail(Behaviour({b"RCPT": b"451 4.7.1 later, always later\r\n"})) as server:
        alice = await queued(database)
        async with running(database, bus, settings_for(server), settling=SETTLING._replace(times=times)):
            while not await database.read(is_empty):
                await database.transact(retry_queued)  # by itself it looks every 5 s
                await deferLater(running_reactor(), 0.1)
    warning, bounce = await database.read(mail_of, alice)
    assert b"Action: delayed\r\n" in warning
    assert b"Status: 4.4.7\r\n" in bounce
    assert b"451 4.7.1 later, always later" in bounce
    assert len([line for line in server.lines if line.startswith(b"RCPT")]) > 2


async def test_server_that_closes_in_the_middle_of_a_message_has_it_later(database: Database, bus: Bus) -> None:
    def stop_reading(connection: Any, _line: bytes) -> bytes:
        running_reactor().callLater(0.1, connection.transport.abortConnection)
        connection.transport.pauseProducing()
        return b"354 go ahead\r\n"

    octets = TEXT + b"z" * (8 << 20) + b"\r\n"  # more than the sockets hold
    with serving_mail(Behaviour({b"DATA": stop_reading}, extensions=(b"PIPELINING",))) as server:
        await queued(database, octets=octets)
        async with running(database, bus, settings_for(server)):
            assert "has closed the connection" in await asked(database, last_reply)
            server.behaviour.answers = {}
            await database.transact(retry_queued)
            await asked(database, is_empty)
    assert [taken.octets for taken in server.taken] == [octets]


async def test_tls_that_is_offered_and_never_comes_is_done_without(database: Database, bus: Bus) -> None:
    with serving_mail(Behaviour(offers_tls=True, hangs_at_tls=True)) as server:
        await queued(database)
        async with running(database, bus, settings_for(server), stages=USUAL._replace(tls=timedelta(seconds=1))):
            await asked(database, is_empty)
    assert not server.taken[0].is_encrypted
    assert server.connections == 2
