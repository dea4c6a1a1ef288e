"""A page that a transaction is about to save is locked, and read as it is then, by whatever name it came."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence

import psycopg2.errors
import pytest

from shared.database.blocking import BlockingDatabase
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.testing.eventually import eventually
from shared.wiki.read_page import read_page
from shared.wiki.rename_page import rename_page
from shared.wiki.save_page import Edit, Saved, save_pages
from shared.wiki.tests.build import MEMBERS, OPEN, STRANGER, an_author, saved

LOCK = "SELECT FROM page WHERE name = %s FOR UPDATE NOWAIT"
WAITS = "SELECT %s = ANY(pg_blocking_pids(%s))"


class Saving:
    """A thread that saves A and B; A is a former name at first, and B is locked by another transaction.

    While it waits for B, A becomes the name of its page again.
    """

    def __init__(self, tx: Transaction, b_holder: Transaction, store: BlockingDatabase) -> None:
        self.outcomes: Sequence[Saved | DomainError] = ()
        self._tx, self._store = tx, store
        self._pid = pid_of(tx)
        alice = an_author(b_holder, "alice")
        for name in "AB":
            saved(b_holder, name, "one\n", alice)
        rename_page(b_holder, "A", "Z", alice, MEMBERS)
        b_holder.commit()
        b_holder.execute(LOCK, ("B",))
        self._thread = threading.Thread(target=self._save)
        self._thread.start()
        self.waits_for(b_holder)
        store.transact(rename_page, "Z", "A", alice, MEMBERS)

    def waits_for(self, other: Transaction) -> None:
        pid = pid_of(other)
        eventually(lambda: self._store.read(Transaction.value, WAITS, (pid, self._pid)), "it waits for the other")

    def end(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive()

    def _save(self) -> None:
        self.outcomes = save_pages(self._tx, [Edit(name, "one\n", STRANGER) for name in "AB"], OPEN)


def pid_of(tx: Transaction) -> int:
    """Of its connection's process in PostgreSQL."""
    pid: int = tx.value("SELECT pg_backend_pid()")
    return pid


@pytest.fixture
def other(database_url: str) -> Iterator[Transaction]:
    """A transaction of its own."""
    with contextlib.closing(open_connection(database_url, StoreLimits(), "tests")) as connection:
        yield Transaction(connection)


@pytest.fixture
def third(database_url: str) -> Iterator[Transaction]:
    """Another."""
    with contextlib.closing(open_connection(database_url, StoreLimits(), "tests")) as connection:
        yield Transaction(connection)


def test_a_page_that_gets_its_name_back_while_another_is_waited_for_is_locked(
    transaction: Transaction, other: Transaction, database_url: str
) -> None:
    store = BlockingDatabase(database_url, "tests")
    saving = Saving(other, transaction, store)
    transaction.commit()
    saving.end()
    assert [each.changed for each in saving.outcomes if isinstance(each, Saved)] == [False, False]
    for name in ("A", "B"):
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            store.transact(Transaction.execute, LOCK, (name,))
    other.commit()
    store.transact(Transaction.execute, LOCK, ("A",))


def test_a_page_that_is_saved_while_it_is_waited_for_is_read_as_it_is_then(
    transaction: Transaction, other: Transaction, third: Transaction, database_url: str
) -> None:
    store = BlockingDatabase(database_url, "tests")
    saving = Saving(other, transaction, store)
    between = saved(third, "A", "two\n").revision
    transaction.commit()
    saving.waits_for(third)
    third.commit()
    saving.end()
    other.commit()
    assert [(each.revision, each.changed) for each in saving.outcomes if isinstance(each, Saved)] == [
        (between + 1, True),
        (1, False),
    ]
    assert store.read(read_page, "A").source == "one\n"
