"""Pages that are asked for at the same time share a trip, and are as they were committed before."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, gatherResults

from services.wiki.calls.gathered_reads import MOST_TOGETHER, GatheredReads
from shared.accounts.account import Role
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.testing.builders import an_account
from shared.wiki.errors import PageNotFound
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.save_page import Edit, save_page


class Counting:
    """A Database that counts trips."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.trips = 0

    async def read(self, *call: Any) -> Any:
        self.trips += 1
        return await self._database.read(*call)


async def test_many_that_ask_at_once_share_trips(database: Database) -> None:
    counting: Any = Counting(database)
    reads = GatheredReads(counting)
    asked = [Deferred.fromCoroutine(reads.read("WikiHome")) for _ in range(500)]
    assert {page.name for page in await gatherResults(asked)} == {"WikiHome"}
    assert counting.trips == 2  # the first alone, then all others
    counting.trips = 0
    missing: list[Deferred[Any]] = [
        Deferred.fromCoroutine(_missing(reads, f"Missing{number}")) for number in range(MOST_TOGETHER * 2)
    ]
    assert all(await gatherResults(missing))
    assert counting.trips <= 4


async def _missing(reads: GatheredReads, name: str) -> bool:
    with pytest.raises(PageNotFound):
        await reads.read(name)
    return True


async def test_what_was_committed_before_is_read(database: Database) -> None:
    reads = GatheredReads(database)
    account = await database.transact(lambda tx: an_account(tx, "alice", Role.MEMBER))
    for number in range(20):
        under_way = Deferred.fromCoroutine(reads.read("WikiHome"))
        edit = Edit("WikiHome", f"text {number}", Author(account))
        await database.transact(save_page, edit, WikiPolicy())
        assert (await reads.read("WikiHome")).source == f"text {number}"
        await under_way


async def test_a_store_that_is_away_is_told_to_all(database_url: str) -> None:
    class Away:
        async def read(self, *_call: Any) -> Any:
            raise StoreUnavailable("away")

    away: Any = Away()
    reads = GatheredReads(away)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await reads.read("WikiHome")
