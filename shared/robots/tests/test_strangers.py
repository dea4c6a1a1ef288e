"""The answer to a sender elsewhere leaves by the queue, and has what everybody may read."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import deferLater

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.bodies import load_bodies
from shared.mail.robots import ROBOTS
from shared.robots.take_strangers_job import FromStranger, take_strangers_job
from shared.robots.tests.build import a_mail, answering, identifier_of, read
from shared.testing.reactor import running_reactor
from shared.wiki.tests.build import saved

SENDER = "Ann@elsewhere.test"


async def test_answer_is_queued_from_the_null_sender_to_the_envelopes(database: Database, bus: Bus) -> None:
    octets = a_mail("marmalade")

    def begin(tx: Transaction) -> bool:
        saved(tx, "Marmalade", "marmalade\n")
        own = identifier_of(octets).encode()
        return take_strangers_job(
            tx, FromStranger(ROBOTS["search"], "", "search@example.org", SENDER, "192.0.2.7", own, octets)
        )

    assert await database.transact(begin)
    async with answering(database, bus):
        while not (rows := await database.read(queued)):
            await deferLater(running_reactor(), 0.02)
    ((sender, address, domain, account_id, message_id),) = rows
    assert (sender, address, domain, account_id) == ("", SENDER, "elsewhere.test", None)
    answer = read(await database.read(lambda tx: dict(load_bodies(tx, [message_id]))[message_id]))
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["In-Reply-To"] == identifier_of(octets)
    assert answer["Subject"] == "First result for 'marmalade'"
    assert await database.read(lambda tx: tx.value("SELECT count(*) FROM robot_job WHERE done_at IS NULL")) == 0


def queued(tx: Transaction) -> list[tuple[Any, ...]]:
    return tx.rows(
        "SELECT sender, address, recipient.domain, account_id, message_id"
        " FROM outbound_recipient AS recipient JOIN outbound ON outbound.id = outbound_id"
    )
