"""Servers that never finish: they defer for ever, close in the middle of a message, or offer TLS and are silent."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.outbound.change_queue import retry_queued
from shared.outbound.retry import RetryTimes
from shared.outbound.tests.build import TEXT, mail_of
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


def has_tried(tx: Transaction, attempts: int) -> bool:
    return bool(tx.value("SELECT attempts = %s FROM outbound_recipient", (attempts,)))


def pass_time(tx: Transaction, age: timedelta) -> None:
    """The message is older by so much, and is tried again."""
    tx.execute("UPDATE outbound SET queued_at = queued_at - %s", (age,))
    retry_queued(tx)


async def test_server_that_defers_for_ever_is_told_to_the_sender_once_and_then_given_up(
    database: Database, bus: Bus
) -> None:
    ages = [timedelta(0), RetryTimes().warn_after, timedelta(0), RetryTimes().give_up_after]
    with serving_mail(Behaviour({b"RCPT": b"451 4.7.1 later, always later\r\n"})) as server:
        alice = await queued(database)
        async with running(database, bus, settings_for(server)):
            for attempts, age in enumerate(ages, 1):
                await asked(database, partial(has_tried, attempts=attempts))
                await database.transact(pass_time, age)
            await asked(database, is_empty)
    warning, bounce = await database.read(mail_of, alice)
    assert b"Action: delayed\r\n" in warning
    assert b"Status: 4.4.7\r\n" in bounce
    assert b"451 4.7.1 later, always later" in bounce
    assert len([line for line in server.lines if line.startswith(b"RCPT")]) == len(ages) + 1


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
