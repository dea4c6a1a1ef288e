"""A process is killed in the middle of a post for a thousand subscribers: each has it, few of them have it twice."""

from __future__ import annotations

import os
import signal
from collections import Counter
from uuid import UUID

import pytest

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.outbound.tests.mail_server import serving_mail
from shared.outbound.tests.test_runner import asked, is_empty
from shared.outbound.tests.test_two_runners import a_process, end_leases
from shared.rooms.room import Room
from shared.rooms.subscriptions.elsewhere.send import send_each_elsewhere
from shared.rooms.subscriptions.tests.build import NAMES
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, posted
from shared.testing.until import until

SUBSCRIBERS = 1_000


def fill(tx: Transaction) -> Room:
    """A room with subscribers and a post that they lack."""
    room = an_open_room(tx, "a.b")
    tx.execute(
        "INSERT INTO remote_subscriber (folder_id, position, address, domain, kind, token)"
        " SELECT %s, 0, 'a' || n || '@far.test', 'far.test', 'each', md5(n::text) FROM generate_series(1, %s) AS n",
        (room.folder_id, SUBSCRIBERS),
    )
    posted(tx, a_post(room, octets=an_article("wool")))
    return room


def leased(tx: Transaction) -> set[str]:
    """The recipients of the process that is killed."""
    return {
        address
        for (address,) in tx.rows("SELECT address FROM outbound_recipient WHERE leased_by = %s", (str(UUID(int=1)),))
    }


async def test_killed_runner_leaves_each_subscriber_with_the_post(
    database: Database, database_url: str, redis_url: str
) -> None:
    room = await database.transact(fill)
    await database.transact(send_each_elsewhere, room.folder_id, NAMES, NOW)
    with serving_mail() as server, a_process(1, database_url, redis_url, str(server.port)) as killed:
        await until(lambda: len(server.taken) >= SUBSCRIBERS // 4)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        in_hand = await database.read(leased)
        await database.transact(end_leases, (1,))
        with a_process(2, database_url, redis_url, str(server.port)):
            await asked(database, is_empty)
    arrived = Counter(recipient for taken in server.taken for recipient in taken.recipients)
    assert len(arrived) == SUBSCRIBERS
    assert {address for address, count in arrived.items() if count > 1} <= in_hand
    assert max(arrived.values()) <= 2
    assert len({taken.sender for taken in server.taken}) == SUBSCRIBERS  # each has an envelope of its own
    assert len({taken.octets.partition(b"\r\n")[2] for taken in server.taken}) == 1  # behind List-Unsubscribe


async def test_transaction_that_is_cut_off_has_queued_nothing(database: Database) -> None:
    room = await database.transact(fill)

    def cut_off(tx: Transaction) -> None:
        send_each_elsewhere(tx, room.folder_id, NAMES, NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.transact(cut_off)
    assert await database.read(is_empty)
    sent = await database.transact(send_each_elsewhere, room.folder_id, NAMES, NOW)
    assert sent is not None
    assert sent.copies == SUBSCRIBERS
