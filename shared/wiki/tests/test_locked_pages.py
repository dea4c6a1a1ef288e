"""A page that a transaction is about to save is locked, by whatever name it came."""

from __future__ import annotations

import contextlib
import threading

import psycopg2.errors
import pytest

from shared.database.blocking import BlockingDatabase
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.testing.eventually import eventually
from shared.wiki.rename_page import rename_page
from shared.wiki.save_page import Edit, save_pages
from shared.wiki.tests.build import MEMBERS, OPEN, STRANGER, an_author, saved

LOCK = "SELECT FROM page WHERE name = %s FOR UPDATE NOWAIT"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_a_page_that_gets_its_name_back_while_another_is_waited_for_is_locked(
    transaction: Transaction, database_url: str
) -> None:
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one\n", alice)
    saved(transaction, "B", "one\n", alice)
    rename_page(transaction, "A", "Z", alice, MEMBERS)
    transaction.commit()
    store = BlockingDatabase(database_url, "tests")
    with contextlib.closing(open_connection(database_url, StoreLimits(), "tests")) as connection:
        tx = Transaction(connection)
        saving = threading.Thread(target=save_pages, args=(tx, [_edit("A"), _edit("B")], OPEN))
        transaction.execute(LOCK, ("B",))
        saving.start()
        eventually(lambda: store.read(Transaction.value, WAITING), "it waits for B")
        store.transact(rename_page, "Z", "A", alice, MEMBERS)
        transaction.commit()
        saving.join(30)
        for name in ("A", "B"):
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                store.transact(Transaction.execute, LOCK, (name,))
        tx.commit()
    store.transact(Transaction.execute, LOCK, ("A",))


def _edit(name: str) -> Edit:
    return Edit(name, "one\n", STRANGER)  # as it is: nothing but what was read is locked
