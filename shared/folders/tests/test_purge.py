"""Forgetting what nobody can reach any more, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.changes import changes_since
from shared.folders.create_folder import create_folder
from shared.folders.delete_folder import delete_folder
from shared.folders.errors import ChangesForgotten
from shared.folders.expunge import expunge
from shared.folders.purge import Purged, forget_vanished, purge
from shared.folders.tests.build import a_message, an_inbox, an_owner, put

RETENTION = timedelta(days=30)


def counts(tx: Transaction) -> tuple[int, int, int]:
    return tuple(tx.value(f"SELECT count(*) FROM {table}") for table in ("message", "body", "vanished"))


def _long_ago(tx: Transaction) -> None:
    tx.execute("UPDATE vanished SET vanished_at = now() - interval '31 days'")


async def test_what_vanished_lately_stays(database: Database) -> None:
    def prepare(tx: Transaction) -> None:
        inbox = an_inbox(tx)
        expunge(tx, inbox, put(tx, inbox, 3), deleted_only=False)

    await database.transact(prepare)
    assert await purge(database, RETENTION) == Purged(0, 0)
    assert await database.read(counts) == (3, 3, 3)


async def test_what_vanished_long_ago_goes_with_its_octets(database: Database) -> None:
    def prepare(tx: Transaction) -> tuple[int, int]:
        inbox, other = an_inbox(tx), an_inbox(tx)
        append_entries(tx, [Append(a_message(), [AppendTarget(inbox), AppendTarget(other)])])
        uids = [1, *put(tx, inbox, 3)]
        expunge(tx, inbox, uids[:3], deleted_only=False)
        _long_ago(tx)
        return inbox, other

    inbox, other = await database.transact(prepare)
    assert await purge(database, RETENTION) == Purged(3, 2)  # the first is in the other folder still
    assert await database.read(counts) == (2, 2, 0)
    with pytest.raises(ChangesForgotten):
        await database.read(changes_since, inbox, 1)
    assert list((await database.read(changes_since, inbox, 4)).uids) == []
    assert list((await database.read(changes_since, other, 1)).uids) == [1]


async def test_numbers_are_not_used_again_after_a_purge(database: Database) -> None:
    def prepare(tx: Transaction) -> int:
        inbox = an_inbox(tx)
        expunge(tx, inbox, put(tx, inbox, 3), deleted_only=False)
        _long_ago(tx)
        return inbox

    inbox = await database.transact(prepare)
    await purge(database, RETENTION)
    assert await database.transact(put, inbox) == [4]


async def test_messages_of_a_deleted_folder_go(database: Database) -> None:
    def prepare(tx: Transaction) -> None:
        account = an_owner(tx)
        put(tx, create_folder(tx, account, "a").id, 5)
        delete_folder(tx, account, "a")

    await database.transact(prepare)
    assert await purge(database, RETENTION) == Purged(0, 5)


async def test_messages_of_a_deleted_account_go(database: Database) -> None:
    def prepare(tx: Transaction) -> None:
        put(tx, an_inbox(tx), 2)
        tx.execute("DELETE FROM account")

    await database.transact(prepare)
    assert await purge(database, RETENTION) == Purged(0, 2)


def test_the_log_is_forgotten_in_small_steps(transaction: Transaction) -> None:
    inbox = an_inbox(transaction)
    expunge(transaction, inbox, put(transaction, inbox, 5), deleted_only=False)
    _long_ago(transaction)
    assert [forget_vanished(transaction, RETENTION, 2) for _ in range(4)] == [2, 2, 1, 0]
