"""Folders that are made, renamed, filled, opened and deleted by several connections at once.

Each operation is done, or is refused by a fact of the domain, never by a fault of the database.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from random import Random

import psycopg2.errors

from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import READ_WRITE, Transaction
from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.copy_entries import copy_entries
from shared.folders.create_folder import create_folder
from shared.folders.create_standard_folders import create_standard_folders
from shared.folders.delete_folder import delete_folder
from shared.folders.find_folders import find_folder
from shared.folders.move_entries import move_entries
from shared.folders.open_folder import open_folder
from shared.folders.recent import claim_recent
from shared.folders.rename_folder import rename_folder
from shared.folders.store_flags import store_flags
from shared.folders.subscribe import subscribe, unsubscribe
from shared.folders.tests.build import a_message, an_owner

NAMES = ("a", "a/b", "a/b/c", "b", "Junk", "INBOX")
WORKERS = 5
ROUNDS = 150


class Worker:
    """Does what sessions of one account do, at random. A deadlock, which the store repeats, is passed over."""

    def __init__(self, tx: Transaction, account_id: int, seed: int) -> None:
        self.tx, self.account_id, self.random = tx, account_id, Random(seed)

    def work(self) -> None:
        steps: list[Callable[[], object]] = [
            self.create, self.create, self.delete, self.delete, self.rename, self.append, self.append, self.copy,
            self.select, self.select, self.store, self.subscribe, self.create_standard,
        ]  # fmt: skip
        for _ in range(ROUNDS):
            with suppress(DomainError, psycopg2.errors.DeadlockDetected):
                self.random.choice(steps)()
                self.tx.commit()
                continue
            self.tx.rollback()

    def name(self) -> str:
        return self.random.choice(NAMES)

    def folder_id(self) -> int:
        return find_folder(self.tx, self.account_id, self.name()).id

    def create(self) -> object:
        return create_folder(self.tx, self.account_id, self.name())

    def create_standard(self) -> None:
        create_standard_folders(self.tx, self.account_id)

    def delete(self) -> None:
        delete_folder(self.tx, self.account_id, self.name())

    def rename(self) -> None:
        rename_folder(self.tx, self.account_id, self.name(), self.name())

    def append(self) -> None:
        (result,) = append_entries(self.tx, [Append(a_message(), [AppendTarget(self.folder_id(), 0, ["tea"])])])
        if isinstance(result, DomainError):
            raise result

    def copy(self) -> object:
        return self.random.choice([copy_entries, move_entries])(self.tx, self.folder_id(), self.folder_id(), [1, 2, 3])

    def select(self) -> object:
        snapshot = open_folder(self.tx, self.folder_id())
        return claim_recent(self.tx, snapshot.folder.id, snapshot.folder.uidnext)

    def store(self) -> object:
        return store_flags(self.tx, self.folder_id(), [1, 2, 3], "add", 0, [self.random.choice("abcdef")])

    def subscribe(self) -> object:
        return self.random.choice([subscribe, unsubscribe])(self.tx, self.account_id, self.name())


def test_names_at_once(database_url: str, transaction: Transaction) -> None:
    account_id = an_owner(transaction)
    transaction.commit()

    def work(seed: int) -> None:
        with closing(open_connection(database_url, StoreLimits(), "worker")) as connection:
            Worker(Transaction(connection, READ_WRITE), account_id, seed).work()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))

    for table in ("entry", "vanished", "keyword", "recent"):
        left = f"SELECT count(*) FROM {table} WHERE folder_id NOT IN (SELECT id FROM folder)"
        assert transaction.value(left) == 0, table
    assert find_folder(transaction, account_id, "INBOX").selectable
    uses = "SELECT count(*) FROM folder WHERE account_id = %s AND special_use = '\\Junk'"
    assert transaction.value(uses, (account_id,)) <= WORKERS  # who made one at the same moment did not see the others'
