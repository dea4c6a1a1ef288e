"""Operations on a real PostgreSQL: what is committed, repeated, cancelled, refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
from twisted.internet.defer import Deferred, gatherResults

from shared.database.database import Database
from shared.database.errors import CommitUnknown, StatementTimedOut, StoreUnavailable
from shared.database.limits import StoreLimits
from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.testing.reactor import running_reactor, wait_for

HASTY = StoreLimits(statement=timedelta(seconds=0.3), lock=timedelta(seconds=0.2))


class Refused(DomainError):
    pass


def count(tx: Transaction) -> int:
    return int(tx.value("SELECT count(*) FROM domain"))


def insert(tx: Transaction, name: str) -> int:
    return tx.execute("INSERT INTO domain VALUES (%s)", (name,))


def backend(tx: Transaction) -> int:
    return int(tx.value("SELECT pg_backend_pid()"))


def terminate(url: str, pid: int) -> None:
    """End one of the server's processes and wait until it is gone."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,))
    connection.close()


@pytest.fixture
def hasty(database_url: str) -> Iterator[Database]:
    async def start() -> Database:
        return Database(running_reactor(), database_url, HASTY)

    store = wait_for(start)
    yield store
    wait_for(store.close)


async def test_transact_commits_and_returns_the_result(database: Database) -> None:
    assert await database.transact(insert, "b.example") == 1
    assert await database.transact(insert, name="c.example") == 1
    assert await database.read(count) == 2


async def test_an_error_undoes_everything_and_comes_out_unchanged(database: Database) -> None:
    def operation(tx: Transaction) -> None:
        insert(tx, "a.example")
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        await database.transact(operation)
    assert await database.read(count) == 0


async def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        await database.read(insert, "a.example")
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        await database.read_snapshot(insert, "a.example")


async def test_a_snapshot_does_not_move(database: Database, database_url: str) -> None:
    def operation(tx: Transaction) -> tuple[int, int]:
        before = count(tx)
        connection = psycopg2.connect(database_url)
        with connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO domain VALUES ('meanwhile.example')")
        connection.close()
        return before, count(tx)

    assert await database.read_snapshot(operation) == (0, 0)
    assert await database.read(count) == 1


async def test_a_connection_lost_in_the_middle_is_replaced_and_the_operation_repeated(
    database: Database, database_url: str
) -> None:
    pids: list[int] = []

    def operation(tx: Transaction, name: str) -> None:
        insert(tx, name)
        pids.append(backend(tx))
        if len(pids) == 1:
            terminate(database_url, pids[0])
        tx.execute("SELECT 1")

    await database.transact(operation, "a.example")
    assert len(set(pids)) == 2
    assert await database.read(count) == 1


async def test_connections_that_broke_while_idle_cost_nobody_an_error(database: Database, database_url: str) -> None:
    def slowly(tx: Transaction) -> int:
        return int(tx.value("SELECT pg_backend_pid() FROM pg_sleep(0.1)"))

    pids = set(await gatherResults([Deferred.fromCoroutine(database.read(slowly)) for _ in range(8)]))
    assert len(pids) > 1
    for pid in pids:
        terminate(database_url, pid)
    fresh = set(await gatherResults([Deferred.fromCoroutine(database.read(slowly)) for _ in range(16)]))
    assert not fresh & pids


async def test_an_operation_that_always_loses_its_connection_is_given_up(database: Database, database_url: str) -> None:
    pids: list[int] = []

    def operation(tx: Transaction) -> None:
        pids.append(backend(tx))
        terminate(database_url, pids[-1])
        tx.execute("SELECT 1")

    with pytest.raises(StoreUnavailable):
        await database.transact(operation)
    assert len(pids) == 3


async def test_a_connection_lost_in_the_commit_is_told_and_not_repeated(database: Database, database_url: str) -> None:
    """A deferred trigger makes the commit wait, so that it can be struck in the middle."""

    def prepare(tx: Transaction) -> None:
        tx.execute("""
            CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON domain DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION dawdle()""")

    runs: list[int] = []

    def operation(tx: Transaction) -> None:
        insert(tx, "a.example")
        runs.append(backend(tx))

    def committing(tx: Transaction) -> bool:
        return bool(tx.value("SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"))

    await database.transact(prepare)
    outcome = Deferred.fromCoroutine(database.transact(operation))
    while not await database.read(committing):
        pass
    terminate(database_url, runs[0])
    with pytest.raises(CommitUnknown):
        await outcome
    assert len(runs) == 1


async def test_serialization_failures_are_repeated(database: Database) -> None:
    def add_one(tx: Transaction) -> None:
        tx.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        insert(tx, f"{count(tx)}.example")

    await gatherResults([Deferred.fromCoroutine(database.transact(add_one)) for _ in range(4)])
    assert await database.read(count) == 4


async def test_deadlocks_are_repeated(database: Database) -> None:
    def prepare(tx: Transaction) -> None:
        tx.execute("CREATE TABLE lockable AS SELECT generate_series(1, 2) AS id, 0 AS times")

    def lock_both(tx: Transaction, first: int, second: int) -> None:
        tx.execute("SET LOCAL deadlock_timeout = '50ms'")
        tx.execute("UPDATE lockable SET times = times + 1 WHERE id = %s", (first,))
        tx.execute("SELECT pg_sleep(0.05)")
        tx.execute("UPDATE lockable SET times = times + 1 WHERE id = %s", (second,))

    await database.transact(prepare)
    one = Deferred.fromCoroutine(database.transact(lock_both, 1, 2))
    other = Deferred.fromCoroutine(database.transact(lock_both, 2, 1))
    await gatherResults([one, other])
    assert await database.read(lambda tx: tx.rows("SELECT times FROM lockable")) == [(2,), (2,)]


async def soon(ask: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """What it returns as soon as it is in time: the machine may be busy for longer than these stores wait."""
    while True:
        with suppress(StatementTimedOut):
            return await ask()


async def test_a_statement_over_its_time_is_cancelled(hasty: Database) -> None:
    with pytest.raises(StatementTimedOut):
        await hasty.transact(lambda tx: tx.execute("SELECT pg_sleep(20)"))
    with pytest.raises(StatementTimedOut):
        await hasty.read(lambda tx: tx.execute("SELECT pg_sleep(20)"))
    assert await soon(lambda: hasty.read(count)) == 0


async def test_the_wait_for_a_lock_ends(hasty: Database, transaction: Transaction) -> None:
    transaction.execute("LOCK TABLE domain")
    with pytest.raises(StatementTimedOut):
        await hasty.transact(insert, "a.example")
    transaction.rollback()
    assert await soon(lambda: hasty.transact(insert, "a.example")) == 1


async def test_statements_prepared_before_a_migration_are_prepared_again(
    database: Database, transaction: Transaction
) -> None:
    everything = Prepared("SELECT * FROM domain")
    transaction.execute("INSERT INTO domain VALUES ('a.example')")
    transaction.commit()
    for _ in range(7):  # from the sixth on PostgreSQL keeps a plan
        assert await database.read(lambda tx: tx.rows(everything)) == [("a.example",)]
    transaction.execute("ALTER TABLE domain ADD COLUMN note text DEFAULT 'new'")
    transaction.commit()
    assert await database.read(lambda tx: tx.rows(everything)) == [("a.example", "new")]


async def test_health_is_asked(database: Database) -> None:
    assert await database.health() is None


async def test_close_lets_what_is_under_way_finish_and_refuses_the_rest(database_url: str) -> None:
    store = Database(running_reactor(), database_url)
    under_way = Deferred.fromCoroutine(store.transact(lambda tx: tx.value("SELECT 7 FROM pg_sleep(0.2)")))
    closed = Deferred.fromCoroutine(store.close())
    with pytest.raises(StoreUnavailable):
        await store.read(count)
    assert await under_way == 7
    await closed


async def test_a_commit_that_was_answered_is_durable(database: Database) -> None:
    assert await database.read(lambda tx: tx.value("SHOW synchronous_commit")) == "on"
