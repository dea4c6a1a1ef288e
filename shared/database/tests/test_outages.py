"""PostgreSQL stopped, killed, hung and started again under the services' feet; the server belongs to the test."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import deferLater

from shared.database.attempt import ConnectionLost, attempt
from shared.database.connection import open_connection
from shared.database.database import Database
from shared.database.embedded import EmbeddedPostgres
from shared.database.errors import StoreUnavailable
from shared.database.gathering import Gathering
from shared.database.limits import StoreLimits
from shared.database.transaction import NO_TRANSACTION, Transaction
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.undisturbed import undisturbed

T = TypeVar("T")


@pytest.fixture
def server(session_dir: Path, request: pytest.FixtureRequest) -> Iterator[EmbeddedPostgres]:
    """Durable, as in earnest: what was committed must survive kill -9."""
    made = EmbeddedPostgres(session_dir / f"own-{abs(hash(request.node.name)):x}")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def connect(server: EmbeddedPostgres) -> Iterator[Callable[..., Database]]:
    """Databases on that server, closed at the end; the first makes the table."""
    made: list[Database] = []

    def make(limits: StoreLimits) -> Database:
        async def start() -> Database:
            store = Database(running_reactor(), server.url, limits)
            made.append(store)
            await store.transact(lambda tx: tx.execute("CREATE TABLE IF NOT EXISTS kept (item int)"))
            return store

        return wait_for(start)

    yield make
    for store in made:
        wait_for(store.close)


def keep(tx: Transaction, items: Sequence[int]) -> Sequence[int]:
    tx.insert_many("INSERT INTO kept VALUES %s", [(item,) for item in items])
    return items


def kept(tx: Transaction) -> list[int]:
    return [item for (item,) in tx.rows("SELECT item FROM kept")]


def kill(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.pid is not None:
        pass


def run(operate: Callable[[], Deferred[T]]) -> T:
    async def on_the_reactor() -> T:
        return await operate()

    return wait_for(on_the_reactor)


def begin(operate: Callable[[], Deferred[T]]) -> Deferred[T]:
    """Start it and come back."""

    async def on_the_reactor() -> list[Deferred[T]]:
        return [operate()]  # a list, so that nobody waits for it

    return wait_for(on_the_reactor)[0]


def test_a_short_outage_is_waited_out(server: EmbeddedPostgres, connect: Callable[..., Database]) -> None:
    store = connect(StoreLimits(patience=timedelta(seconds=30)))
    server.stop()
    outcome = begin(lambda: Deferred.fromCoroutine(store.transact(keep, [1])))
    server.start()
    assert run(lambda: outcome) == [1]
    assert wait_for(lambda: store.read(kept)) == [1]
    assert wait_for(store.health) is None


def test_a_long_outage_is_told_at_once_and_ends_by_itself(
    server: EmbeddedPostgres, connect: Callable[..., Database]
) -> None:
    store = connect(StoreLimits(patience=timedelta(0)))
    server.stop()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            wait_for(lambda: store.transact(keep, [1]))
    assert "No such file" in (wait_for(store.health) or "")
    server.start()

    async def until_it_is_back() -> None:
        while True:
            with suppress(StoreUnavailable):
                await store.transact(keep, [2])
                return
            await deferLater(running_reactor(), 0.01)  # the refusal is immediate: let the reactor look again

    wait_for(until_it_is_back)
    assert wait_for(lambda: store.read(kept)) == [2]


@undisturbed
def test_a_server_that_hangs_is_hung_up_on(connect: Callable[..., Database]) -> None:
    """The process on the other side neither answers nor goes away; a new one answers."""
    store = connect(StoreLimits(statement=timedelta(seconds=0.3), silence=timedelta(seconds=0.3)))
    pids: list[int] = []

    def operation(tx: Transaction) -> int:
        pids.append(int(tx.value("SELECT pg_backend_pid()")))
        if len(pids) == 1:
            os.kill(pids[0], signal.SIGSTOP)
        return tx.execute("INSERT INTO kept VALUES (1)")

    try:
        assert wait_for(lambda: store.transact(operation)) == 1
    finally:
        os.kill(pids[0], signal.SIGCONT)
    assert pids[0] != pids[1]


def test_a_connection_left_behind_by_a_crash_is_a_lost_connection(server: EmbeddedPostgres) -> None:
    """A backend that goes because another was killed says so first, and psycopg2 takes that connection for open."""
    left, killed = (open_connection(server.url, StoreLimits(), "crash") for _ in range(2))
    watched = os.pidfd_open(left.info.backend_pid)
    os.kill(killed.info.backend_pid, signal.SIGKILL)
    assert select.select([watched], [], [], 30.0)[0], "the server has not ended its other backends"
    os.close(watched)
    try:
        with pytest.raises(ConnectionLost):
            attempt(left, NO_TRANSACTION, lambda tx: tx.value("SELECT 1"))
        assert left.closed
    finally:
        left.close()
        killed.close()


def test_what_was_acknowledged_survives_kill_9(server: EmbeddedPostgres, connect: Callable[..., Database]) -> None:
    store = connect(StoreLimits(patience=timedelta(seconds=30)))
    gathering: Gathering[int, int] = Gathering(store, keep)
    acknowledged: list[int] = []
    stopping: list[bool] = []

    async def client(first: int) -> None:
        for item in range(first, first + 1_000_000):
            with suppress(StoreUnavailable):
                acknowledged.append(await gathering.submit(item))
            if stopping:
                return

    async def clients() -> None:
        await gatherResults([Deferred.fromCoroutine(client(n * 1_000_000)) for n in range(8)])

    outcome = begin(lambda: Deferred.fromCoroutine(clients()))
    for _ in range(2):
        enough = len(acknowledged) + 200
        while len(acknowledged) < enough:
            wait_for(lambda: store.read(lambda tx: None))
        kill(server)
        server.start()
    stopping.append(True)
    run(lambda: outcome)
    found = wait_for(lambda: store.read(kept))
    assert len(acknowledged) >= 400
    assert len(found) == len(set(found))
    assert not set(acknowledged) - set(found)
