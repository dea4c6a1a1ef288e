"""Events belong to the transaction: told after its commit, those of the attempt that succeeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from psycopg2.extensions import TransactionRollbackError
from twisted.internet.defer import Deferred, gatherResults

from shared.database.database import Database
from shared.database.gathering import Gathering
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.testing.reactor import running_reactor, wait_for


class Refused(DomainError):
    pass


class Told(list[Sequence[Any]]):
    """The events of each commit."""


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def store(database_url: str, told: Told) -> Iterator[Database]:
    async def start() -> Database:
        return Database(running_reactor(), database_url, announce=told.append)

    made = wait_for(start)
    yield made
    wait_for(made.close)


def insert(tx: Transaction, name: str) -> str:
    tx.execute("INSERT INTO domain VALUES (%s)", (name,))
    tx.announce(name)
    return name


async def test_what_is_committed_is_told_before_transact_returns(store: Database, told: Told) -> None:
    assert await store.transact(insert, "a.example") == "a.example"
    assert told == [["a.example"]]


async def test_a_repeated_attempt_announces_once(store: Database, told: Told) -> None:
    attempts = 0

    def collide_once(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        insert(tx, f"attempt{attempts}.example")
        if attempts == 1:
            raise TransactionRollbackError("deadlock detected")

    await store.transact(collide_once)
    assert attempts == 2
    assert told == [["attempt2.example"]]


async def test_a_connection_that_is_lost_before_the_commit_leaves_nothing_to_tell(store: Database, told: Told) -> None:
    attempts = 0

    def lose_once(tx: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        insert(tx, f"attempt{attempts}.example")
        if attempts == 1:
            tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    await store.transact(lose_once)
    assert told == [["attempt2.example"]]


async def test_what_is_rolled_back_announces_nothing(store: Database, told: Told) -> None:
    def fail(tx: Transaction) -> None:
        insert(tx, "a.example")
        raise Refused

    with pytest.raises(Refused):
        await store.transact(fail)
    assert told == []
    await store.transact(insert, "b.example")  # on the same connection, maybe: nothing is left of the other
    assert told == [["b.example"]]


async def test_a_transaction_that_announces_nothing_calls_nobody(store: Database, told: Told) -> None:
    await store.transact(lambda tx: tx.execute("INSERT INTO domain VALUES ('a.example')"))
    assert told == []


async def test_what_is_committed_does_not_fail_because_telling_does(database_url: str) -> None:
    def fail(events: Sequence[Any]) -> None:
        raise LookupError

    store = Database(running_reactor(), database_url, announce=fail)
    assert await store.transact(insert, "a.example") == "a.example"
    assert await store.read(lambda tx: tx.value("SELECT count(*) FROM domain")) == 1
    await store.close()


async def test_a_gathered_commit_announces_once_and_only_what_it_kept(store: Database, told: Told) -> None:
    def keep(tx: Transaction, names: Sequence[str]) -> Sequence[str | DomainError]:
        return [Refused() if name.startswith("bad") else insert(tx, name) for name in names]

    gathering: Gathering[str, str] = Gathering(store, keep)
    names = ["a.example", "bad.example", "b.example"]
    outcomes = [Deferred.fromCoroutine(gathering.submit(name)) for name in names]
    outcomes[1].addErrback(lambda failure: failure.trap(Refused))
    await gatherResults(outcomes)
    assert told == [["a.example", "b.example"]]
    await gathering.close()
