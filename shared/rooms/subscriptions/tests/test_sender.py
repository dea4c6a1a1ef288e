"""The sender: posts are sent at once, by whichever process, and each once to each mailbox."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.command_line.state_directory import ROOT
from shared.database.connection import open_connection
from shared.database.database import Database
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.rooms.room import Room
from shared.rooms.subscriptions.sender import SubscriptionSender
from shared.rooms.subscriptions.subscribe import subscribe
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.tests.build import LATER, NAMES, a_subscriber, inbox, send_all
from shared.rooms.tests.build import NOW, a_post, an_open_room, posted
from shared.testing.builders import a_member
from shared.testing.reactor import running_reactor

# A process that sends, and stands still between its last statement and the commit until it is killed.
_DIES_BEFORE_THE_COMMIT = """
import sys, time
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.rooms.subscriptions.send_each import send_each
from shared.rooms.subscriptions.tests.build import NAMES
from shared.rooms.tests.build import NOW
tx = Transaction(open_connection(sys.argv[1], StoreLimits(), "test"))
sent = send_each(tx, int(sys.argv[2]), NAMES, NOW)
tx.execute("SELECT 1")
print(sent.copies, flush=True)
time.sleep(600)
"""


@asynccontextmanager
async def sending(database: Database, bus: Bus, now: datetime = NOW) -> AsyncIterator[SubscriptionSender]:
    one = SubscriptionSender(database, bus, NAMES, running_reactor(), lambda: now)
    try:
        yield one
    finally:
        await one.close()


async def has(database: Database, account: Account, messages: int) -> None:
    """Return when the INBOX has so many messages."""
    while len(await database.read(inbox, account)) != messages:
        await deferLater(running_reactor(), 0.02)


def build(tx: Transaction, kind: SubscriptionKind = SubscriptionKind.EACH) -> tuple[Room, Account]:
    room = an_open_room(tx)
    return room, a_subscriber(tx, room, kind=kind)


async def test_a_post_is_sent_at_once(database: Database, bus: Bus) -> None:
    room, account = await database.transact(build)
    async with sending(database, bus):
        for number in range(1, 4):
            await database.transact(posted, a_post(room))
            await has(database, account, number)


async def test_a_new_subscriber_is_sent_the_next_post_at_once(database: Database, bus: Bus) -> None:
    async with sending(database, bus) as one:
        room = await database.transact(an_open_room)
        account = await database.transact(a_member)
        await database.transact(subscribe, room, account, SubscriptionKind.EACH, NOW)
        while not one.watched_rooms:
            await deferLater(running_reactor(), 0.02)
        await database.transact(posted, a_post(room))
        await has(database, account, 1)


async def test_what_came_while_nobody_sent_is_sent_at_the_start(database: Database, bus: Bus) -> None:
    room, account = await database.transact(build)
    await database.transact(posted, a_post(room), a_post(room))
    async with sending(database, bus):
        await has(database, account, 2)


async def test_digests_are_sent_when_they_are_due(database: Database, bus: Bus) -> None:
    room, account = await database.transact(build, SubscriptionKind.DIGEST)
    await database.transact(posted, a_post(room))
    async with sending(database, bus, LATER):
        await has(database, account, 1)


async def test_a_room_that_cannot_be_sent_keeps_no_other_waiting(database: Database, bus: Bus) -> None:
    broken, sad = await database.transact(build)
    room = await database.transact(an_open_room, "local.beans")
    account = await database.transact(a_subscriber, room)
    await database.transact(posted, a_post(broken, room))
    # What ought not to happen: a statement about this room fails.
    await database.transact(
        lambda tx: tx.execute(
            f"ALTER TABLE room_subscription ADD CHECK (folder_id <> {broken.folder_id} OR position = 0)"
        )
    )
    async with sending(database, bus):
        await has(database, account, 1)
    assert await database.read(inbox, sad) == []


async def test_two_processes_send_each_post_once(database: Database, bus: Bus) -> None:
    room, account = await database.transact(build)
    others = [await database.transact(a_subscriber, room) for _ in range(20)]
    async with sending(database, bus), sending(database, bus):
        for _ in range(15):
            await database.transact(posted, a_post(room))
        for each in (account, *others):
            await has(database, each, 15)
    assert {len(set(await database.read(inbox, each))) for each in (account, *others)} == {15}


def test_a_process_that_is_killed_before_the_commit_has_sent_nothing_and_another_sends_all(
    transaction: Transaction, database_url: str
) -> None:
    room, account = build(transaction)
    other = a_subscriber(transaction, room)
    posted(transaction, a_post(room), a_post(room))
    transaction.commit()
    command = [sys.executable, "-c", _DIES_BEFORE_THE_COMMIT, database_url, str(room.folder_id)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "4\n"  # copies, none of which is committed
            assert send_all(transaction, room) == []  # nobody sends the same ones beside it
        finally:
            process.send_signal(signal.SIGKILL)
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'room_subscription'::regclass AND pid <> %s)"
    while transaction.value(waits, (transaction.value("SELECT pg_backend_pid()"),)):
        transaction.rollback()  # PostgreSQL has not yet noticed that the client is gone
    assert [sent.copies for sent in send_all(transaction, room)] == [4]
    for each in (account, other):
        assert len(set(inbox(transaction, each))) == len(inbox(transaction, each)) == 2


def test_many_at_the_same_moment_send_each_post_once_to_each(transaction: Transaction, database_url: str) -> None:
    room = an_open_room(transaction)
    accounts = [a_subscriber(transaction, room) for _ in range(30)]
    posted(transaction, *(a_post(room) for _ in range(10)))
    transaction.commit()
    together = threading.Barrier(4)

    def work() -> None:
        connection = open_connection(database_url, StoreLimits(), "test")
        try:
            together.wait()
            send_all(Transaction(connection), room)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for account in accounts:
        assert len(set(inbox(transaction, account))) == len(inbox(transaction, account)) == 10
