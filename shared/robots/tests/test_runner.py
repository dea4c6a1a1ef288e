"""The runner: each message is answered once, by whichever process, whatever dies."""

from __future__ import annotations

import signal
import subprocess
import sys

from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.command_line.state_directory import ROOT
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.robots.claim_job import MOST_LEASES, claim_job
from shared.robots.errors import LeaseLost
from shared.robots.finish_job import KEPT, finish_job, forget_done
from shared.robots.tests.build import a_mail, answering, answers, taken
from shared.rooms.subscriptions.tests.build import inbox
from shared.rooms.tests.build import NOW
from shared.testing.builders import a_member
from shared.testing.reactor import running_reactor
from shared.wiki.read_page import read_page
from shared.wiki.tests.build import saved

# A process that takes jobs one after the other, commits each lease, and ends none.
_CLAIMS = """
import sys, time
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.robots.claim_job import claim_job
tx = Transaction(open_connection(sys.argv[1], StoreLimits(), "test"))
for _ in range(int(sys.argv[2])):
    claim_job(tx)
    tx.commit()
print("claimed", flush=True)
time.sleep(600)
"""


async def test_of_two_processes_one_killed_between_claim_and_answer_each_query_has_one_answer(
    database: Database, bus: Bus, database_url: str
) -> None:
    def make(tx: Transaction) -> list[Account]:
        saved(tx, "Marmalade", "marmalade\n")
        accounts = [a_member(tx) for _ in range(5)]
        for account in accounts:
            for _ in range(20):
                assert taken(tx, account, a_mail("marmalade"))
        return accounts

    accounts = await database.transact(make)
    command = [sys.executable, "-c", _CLAIMS, database_url, "37"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        process.send_signal(signal.SIGKILL)
    async with answering(database, bus):
        while await database.read(lambda tx: tx.value("SELECT count(*) FROM robot_job WHERE done_at IS NULL")) != 37:
            await deferLater(running_reactor(), 0.02)
        # The leases of the one that was killed end.
        await database.transact(lambda tx: tx.execute("UPDATE robot_job SET leased_until = now() - interval '1 s'"))
        identifiers = {str(answer["Message-ID"]) for one in accounts for answer in await answers(database, one, 20)}
    assert len(identifiers) == 100


async def test_a_process_whose_lease_was_lost_keeps_nothing_of_its_work(database: Database, bus: Bus) -> None:
    alice = await database.transact(a_member)
    await database.transact(taken, alice, a_mail("x", "mine\r\n"), "wiki", "Page")
    slow = await database.transact(claim_job)
    assert slow is not None
    await database.transact(lambda tx: tx.execute("UPDATE robot_job SET leased_until = now() - interval '1 s'"))
    async with answering(database, bus):
        await answers(database, alice)

    def work(tx: Transaction) -> bytes:
        saved(tx, "Page", "late\n")
        return b"\r\n"

    try:
        await database.transact(finish_job, slow, work, NOW)
    except LeaseLost:
        pass
    else:
        raise AssertionError("the lease was lost")
    assert (await database.read(read_page, "Page")).source == "mine\n"
    assert len(await database.read(inbox, alice)) == 1


async def test_the_21st_query_in_an_hour_has_one_notice_and_further_ones_nothing(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> tuple[Account, list[bool]]:
        account = a_member(tx)
        return account, [taken(tx, account, a_mail("nothing")) for _ in range(25)]

    account, are_taken = await database.transact(make)
    assert are_taken == [True] * 21 + [False] * 4
    async with answering(database, bus):
        found = await answers(database, account, 21)
        assert [answer["Subject"] for answer in found].count("No more answers for now") == 1
        # What the envelope alone says counts for itself: somebody else's mail takes no answers from the account.
        await database.transact(taken, account, a_mail("nothing"), proved=False)
        await answers(database, account, 22)
        await database.transact(lambda tx: tx.execute("UPDATE robot_job SET came_at = now() - interval '1 hour'"))
        await database.transact(taken, account, a_mail("nothing"))
        await answers(database, account, 23)


async def test_the_same_message_again_is_one_job(database: Database, bus: Bus) -> None:
    account = await database.transact(a_member)
    query = a_mail("nothing")
    for _ in range(3):
        assert await database.transact(taken, account, query)
    async with answering(database, bus):
        await answers(database, account)
        await database.transact(taken, account, query)
        await database.transact(taken, account, a_mail("other"))
        await answers(database, account, 2)


async def test_a_message_that_ends_each_process_is_given_up_and_its_sender_told(database: Database, bus: Bus) -> None:
    account = await database.transact(a_member)
    await database.transact(taken, account, a_mail("deadly"))
    await database.transact(lambda tx: tx.execute("UPDATE robot_job SET leases = %s", (MOST_LEASES,)))
    async with answering(database, bus):
        (answer,) = await answers(database, account)
    assert answer["Subject"] == "Not done: deadly"


async def test_a_full_mailbox_ends_the_job(database: Database, bus: Bus) -> None:
    account = await database.transact(lambda tx: a_member(tx, quota_octets=0))
    await database.transact(taken, account, a_mail("x", "text\r\n"), "wiki", "Page")
    async with answering(database, bus):
        while await database.read(lambda tx: tx.value("SELECT count(*) FROM robot_job WHERE done_at IS NULL")):
            await deferLater(running_reactor(), 0.02)
    assert (await database.read(read_page, "Page")).source == "text\n"
    assert await database.read(inbox, account) == []


def test_what_is_done_holds_no_octets_and_is_forgotten_after_an_hour(transaction: Transaction) -> None:
    account = a_member(transaction)
    taken(transaction, account, a_mail("x"))
    job = claim_job(transaction)
    assert job is not None
    assert claim_job(transaction) is None
    assert finish_job(transaction, job, lambda _tx: b"Subject: y\r\n\r\n", NOW)
    assert transaction.value("SELECT octets FROM robot_job") == b""
    assert forget_done(transaction) == 0
    transaction.execute("UPDATE robot_job SET done_at = now() - %s - interval '1 s'", (KEPT,))
    assert forget_done(transaction) == 1
