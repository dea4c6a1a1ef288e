"""Sessions of a disabled account end, even if the store is away when the account is read."""

from __future__ import annotations

from datetime import timedelta

from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.accounts.change_account import disable_account, enable_account
from shared.accounts.delete_account import delete_account
from shared.accounts.revocation import Revocation
from shared.database.database import Database
from shared.database.limits import StoreLimits
from shared.testing.reactor import running_reactor
from shared.testing.store_outage import StoreOutage
from shared.testing.until import until

SOON = timedelta(milliseconds=20)


class Opened:
    """What one account has open, however often that was ended."""

    def __init__(self, account_id: int) -> None:
        self._account_id = account_id
        self.ended: list[int] = []

    def accounts(self) -> list[int]:
        return [self._account_id]

    def shut_out(self, account_id: int) -> None:
        self.ended.append(account_id)


async def test_who_is_disabled_or_gone_leaves(database: Database, alice: Account) -> None:
    opened = Opened(alice.id)
    revocation = Revocation(database, opened)
    revocation.look_at(alice.id)
    await until(lambda: not revocation._under_way)
    assert not opened.ended
    await database.transact(disable_account, alice.id)
    revocation.look_at(alice.id)
    await until(lambda: opened.ended == [alice.id])
    await database.transact(delete_account, alice.id)
    revocation.look_at(alice.id)
    await until(lambda: opened.ended == [alice.id] * 2)


async def test_the_store_is_asked_again_until_it_is_back_and_once_for_all(
    database: Database, alice: Account, database_url: str, server_url: str
) -> None:
    opened = Opened(alice.id)
    impatient = Database(running_reactor(), database_url, StoreLimits(patience=timedelta(0)))
    revocation = Revocation(impatient, opened, SOON)
    await database.transact(disable_account, alice.id)
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        for _ in range(50):
            revocation.look_at(alice.id)
            await deferLater(running_reactor(), SOON.total_seconds() / 10)
        assert (opened.ended, list(revocation._under_way)) == ([], [alice.id])
    finally:
        outage.end()
    await until(lambda: opened.ended == [alice.id])
    await impatient.close()


async def test_a_change_while_the_question_is_under_way_is_looked_at_too(database: Database, alice: Account) -> None:
    opened = Opened(alice.id)
    revocation = Revocation(database, opened)
    revocation.look_at(alice.id)
    await database.transact(disable_account, alice.id)
    revocation.look_at(alice.id)
    await until(lambda: opened.ended == [alice.id])
    await database.transact(enable_account, alice.id)
    revocation.look_at(alice.id)
    await until(lambda: not revocation._under_way)
    assert opened.ended == [alice.id]


async def test_a_process_that_leaves_asks_no_more(alice: Account, database_url: str) -> None:
    leaving = Database(running_reactor(), database_url)
    await leaving.close()
    opened = Opened(alice.id)
    revocation = Revocation(leaving, opened, SOON)
    revocation.look_at(alice.id)
    await until(lambda: not revocation._under_way)
    assert not opened.ended
