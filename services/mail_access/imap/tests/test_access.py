"""Rights in a room that are changed while somebody else changes the room."""

from __future__ import annotations

import contextlib

import psycopg2.errors
import pytest

from services.mail_access.imap.access import _grant
from shared.administration import accounts
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.rooms.change_room import change_room
from shared.rooms.find_room import find_room
from shared.rooms.moderators import add_moderator, list_moderators
from shared.rooms.room import Posters, Readers, Room
from shared.rooms.tests.build import an_open_room
from shared.testing.builders import a_member
from shared.testing.overtaken import overtaken_transaction


@pytest.fixture
def room(transaction: Transaction) -> Room:
    """For members alone, moderated by alice."""
    made = an_open_room(transaction, "local.tea", reading=Readers.MEMBERS, posting=Posters.MEMBERS)
    add_moderator(transaction, made, a_member(transaction, "alice"))
    transaction.commit()
    return made


@pytest.mark.parametrize("behind", [1, 2])
def test_who_may_post_stays_as_another_sets_it_while_reading_is_granted(
    transaction: Transaction, database_url: str, room: Room, behind: int
) -> None:
    store, is_changed = BlockingDatabase(database_url, "tests"), False

    def change(tx: Transaction) -> None:
        tx.execute("SET LOCAL lock_timeout TO '100ms'")
        change_room(tx, room, {"posting": Posters.NOBODY})

    def changed() -> None:
        nonlocal is_changed
        with contextlib.suppress(psycopg2.errors.LockNotAvailable):
            store.transact(change)
            is_changed = True

    with overtaken_transaction(database_url, behind, changed) as tx:
        _grant(tx, "local.tea", "anyone", "add", "lr")
    found = find_room(transaction, "local.tea")
    assert (found.reading, found.posting) == (Readers.EVERYONE, Posters.NOBODY if is_changed else Posters.MEMBERS)


@pytest.mark.parametrize("behind", [2, 3])
def test_a_moderator_whose_account_is_deleted_meanwhile_is_one_no_more(
    transaction: Transaction, database_url: str, room: Room, behind: int
) -> None:
    store = BlockingDatabase(database_url, "tests")
    with overtaken_transaction(database_url, behind, lambda: store.transact(accounts.delete, "alice")) as tx:
        _grant(tx, "local.tea", "alice", "replace", "")
    assert list_moderators(transaction, room) == []
