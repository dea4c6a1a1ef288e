"""Accounts that can be signed in to, on the real database and Redis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from twisted.internet.defer import Deferred

from shared.accounts.account import Account, Role
from shared.accounts.create_account import create_account
from shared.accounts.networks import Network
from shared.accounts.sign_in import SignIn
from shared.accounts.verifiers import Verifiers, derive_verifiers
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.redis import RedisConnection
from shared.testing.reactor import running_reactor, wait_for

PASSWORD = "tea at four"


@dataclass(frozen=True)
class Settings:
    lockout_trusted_networks: Sequence[Network] = ()


@pytest.fixture(scope="session")
def verifiers() -> Verifiers:
    return derive_verifiers(PASSWORD)


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
        return create_account(tx, "alice", Role.MEMBER, verifiers=verifiers)

    return wait_for(lambda: database.transact(create))


@pytest.fixture
def sign_in(database: Database, redis: RedisConnection) -> SignIn:
    return SignIn(database, redis, running_reactor(), Settings())
