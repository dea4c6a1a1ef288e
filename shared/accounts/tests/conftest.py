"""Accounts that can be signed in to, on the real database and Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.defer import Deferred

from shared.accounts.account import Account
from shared.accounts.sign_in import SignIn
from shared.accounts.verifiers import Verifiers
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.redis import RedisConnection
from shared.testing.builders import SignInSettings, an_account, verifiers_of
from shared.testing.reactor import running_reactor, wait_for

PASSWORD = "tea at four"


@pytest.fixture(scope="session")
def verifiers() -> Verifiers:
    return verifiers_of(PASSWORD)


@pytest.fixture
def redis(redis_url: str) -> Iterator[RedisConnection]:
    """A connection that is there."""

    async def connect() -> RedisConnection:
        changed: Deferred[None] = Deferred()
        connection = RedisConnection(
            running_reactor(), redis_url, changed=lambda: None if changed.called else changed.callback(None)
        )
        await changed
        return connection

    connection = wait_for(connect)
    assert connection.is_connected
    try:
        yield connection
    finally:
        wait_for(connection.close)


@pytest.fixture
def alice(database: Database, verifiers: Verifiers) -> Account:
    def create(tx: Transaction) -> Account:
        tx.execute("INSERT INTO domain (name) VALUES ('example.org')")
        return an_account(tx, "alice", verifiers=verifiers)

    return wait_for(lambda: database.transact(create))


@pytest.fixture
def sign_in(database: Database, redis: RedisConnection) -> SignIn:
    return SignIn(database, redis, running_reactor(), SignInSettings())
