"""Operations on a real PostgreSQL: what is committed, repeated, refused."""

from __future__ import annotations

from shared.database.database import Database
from shared.database.transaction import Transaction


def test_transaction_fixture(transaction: Transaction) -> None:
    transaction.execute("INSERT INTO domain VALUES ('a.example')")
    transaction.commit()
    assert transaction.rows("SELECT name FROM domain") == [("a.example",)]


async def test_transact(database: Database) -> None:
    def insert(tx: Transaction, name: str) -> int:
        return tx.execute("INSERT INTO domain VALUES (%s)", (name,))

    assert await database.transact(insert, "b.example") == 1
    assert await database.read(lambda tx: tx.rows("SELECT name FROM domain")) == [("b.example",)]


async def test_redis(redis_url: str) -> None:
    assert redis_url
