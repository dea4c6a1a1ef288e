"""Who was disabled leaves, be the store away when that is looked at."""

from __future__ import annotations

from datetime import timedelta

from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.accounts.change_account import disable_account, enable_account
from shared.accounts.delete_account import delete_account
from shared.accounts.stays import Stays
from shared.database.database import Database
from shared.database.limits import StoreLimits
from shared.testing.reactor import running_reactor
from shared.testing.store_outage import StoreOutage
from shared.testing.until import until

SOON = timedelta(milliseconds=20)


async def test_who_is_disabled_or_gone_leaves(database: Database, alice: Account) -> None:
    left: list[int] = []
    stays = Stays(database, left.append)
    stays.look_at(alice.id)
    await until(lambda: not stays._under_way)
    assert not left
    await database.transact(disable_account, alice.id)
    stays.look_at(alice.id)
    await until(lambda: left == [alice.id])
    await database.transact(delete_account, alice.id)
    stays.look_at(alice.id)
    await until(lambda: left == [alice.id] * 2)


async def test_the_store_is_asked_again_until_it_is_back_and_once_for_all(
    database: Database, alice: Account, database_url: str, server_url: str
) -> None:
    left: list[int] = []
    impatient = Database(running_reactor(), database_url, StoreLimits(patience=timedelta(0)))
    stays = Stays(impatient, left.append, SOON)
    await database.transact(disable_account, alice.id)
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        for _ in range(50):
            stays.look_at(alice.id)
            await deferLater(running_reactor(), SOON.total_seconds() / 10)
        assert (left, list(stays._under_way)) == ([], [alice.id])
    finally:
        outage.end()
    await until(lambda: left == [alice.id])
    await impatient.close()


async def test_a_change_while_the_question_is_under_way_is_looked_at_too(database: Database, alice: Account) -> None:
    left: list[int] = []
    stays = Stays(database, left.append)
    stays.look_at(alice.id)
    await database.transact(disable_account, alice.id)
    stays.look_at(alice.id)
    await until(lambda: left == [alice.id])
    await database.transact(enable_account, alice.id)
    stays.look_at(alice.id)
    await until(lambda: not stays._under_way)
    assert left == [alice.id]


async def test_a_process_that_leaves_asks_no_more(alice: Account, database_url: str) -> None:
    leaving = Database(running_reactor(), database_url)
    await leaving.close()
    left: list[int] = []
    stays = Stays(leaving, left.append, SOON)
    stays.look_at(alice.id)
    await until(lambda: not stays._under_way)
    assert not left
