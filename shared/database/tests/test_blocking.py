"""Operations of a program without a reactor."""

from __future__ import annotations

from typing import Any

import pytest

from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction


class Wrong(Exception):
    pass


def _add(tx: Transaction, name: str) -> str:
    tx.execute("INSERT INTO domain (name) VALUES (%s)", (name,))
    tx.announce(name)
    return name.upper()


def _add_and_fail(tx: Transaction, name: str) -> None:
    _add(tx, name)
    raise Wrong


def _names(tx: Transaction) -> list[str]:
    return [name for (name,) in tx.rows("SELECT name FROM domain ORDER BY name")]


def test_events_are_announced_after_the_commit(database_url: str) -> None:
    seen: list[Any] = []
    database = BlockingDatabase(database_url, "test", lambda events: seen.append((list(events), database.read(_names))))
    assert database.transact(_add, "example.org") == "EXAMPLE.ORG"
    assert seen == [(["example.org"], ["example.org"])]


def test_what_fails_leaves_nothing_and_announces_nothing(database_url: str) -> None:
    seen: list[Any] = []
    database = BlockingDatabase(database_url, "test", seen.append)
    with pytest.raises(Wrong):
        database.transact(_add_and_fail, "example.org")
    assert not seen
    assert database.read(_names) == []


def test_nothing_is_announced_where_nothing_happened(database_url: str) -> None:
    seen: list[Any] = []
    BlockingDatabase(database_url, "test", seen.append).transact(_names)
    assert not seen


def test_a_snapshot_sees_the_store_at_one_moment(database_url: str) -> None:
    database = BlockingDatabase(database_url, "test")

    def read(tx: Transaction) -> tuple[list[str], list[str]]:
        before = _names(tx)
        database.transact(_add, "example.org")
        return before, _names(tx)

    assert database.read_snapshot(read) == ([], [])
    assert database.read(_names) == ["example.org"]


def test_events_of_what_is_rolled_back_are_forgotten(transaction: Transaction) -> None:
    _add(transaction, "example.org")
    transaction.rollback()
    assert transaction.events == []
