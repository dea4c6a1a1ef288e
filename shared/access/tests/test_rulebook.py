"""Rules and limits follow the store, and outlive it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from twisted.internet.task import Clock, deferLater

from shared.access.errors import HostBlocked
from shared.access.limits.account_access import AccountAccess
from shared.access.limits.set_limits import set_limits
from shared.access.rulebook import Rulebook
from shared.access.rules.add_rule import add_rule
from shared.access.rules.remove_rule import remove_rule
from shared.access.rules.rules import RuleKind
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.database.limits import StoreLimits
from shared.events.bus import Bus
from shared.testing.builders import an_account
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.store_outage import StoreOutage
from shared.testing.until import until


@pytest.fixture
def impatient(database_url: str) -> Iterator[Database]:
    async def start() -> Database:
        return Database(running_reactor(), database_url, StoreLimits(patience=timedelta(0)), name="impatient")

    store = wait_for(start)
    yield store
    wait_for(store.close)


async def test_a_change_is_known_as_soon_as_it_is_told(database: Database, bus: Bus) -> None:
    await until(lambda: bus.is_connected)
    rulebook = Rulebook(database, bus, Clock())  # a clock that stands still: nothing is polled
    await rulebook.start()
    assert rulebook.rules.refusal("www.example.org", None) is None
    await database.transact(add_rule, "example.org", RuleKind.BLOCK)
    await until(lambda: rulebook.rules.refusal("www.example.org", None) is HostBlocked)
    await database.transact(remove_rule, "example.org")
    await until(lambda: rulebook.rules.refusal("www.example.org", None) is None)
    await rulebook.close()


async def test_limits_are_live_as_well(database: Database, bus: Bus) -> None:
    alice = await database.transact(an_account)
    await until(lambda: bus.is_connected)
    rulebook = Rulebook(database, bus, Clock())
    await rulebook.start()
    assert rulebook.account(alice.id) == AccountAccess()
    assert rulebook.account(None) is None
    await database.transact(set_limits, alice.id, {"burst": 3, "counts_words": False})
    await until(lambda: rulebook.account(alice.id) == AccountAccess(burst=3, counts_words=False))
    assert rulebook.account(alice.id + 1) == AccountAccess()
    await rulebook.close()


async def test_a_change_that_nobody_told_of_is_found(database: Database, bus: Bus) -> None:
    clock = Clock()
    rulebook = Rulebook(database, bus, clock, timedelta(seconds=5))
    await rulebook.start()
    await database.transact(lambda tx: tx.execute("INSERT INTO access_rule VALUES ('example.org', 'block')"))
    clock.advance(5)
    await until(lambda: rulebook.rules.refusal("example.org", None) is HostBlocked)
    same = rulebook.rules
    await rulebook.refresh()
    assert rulebook.rules is same  # nothing is new, nothing is read
    await rulebook.close()


async def test_what_is_known_stays_while_the_store_is_away(
    impatient: Database, bus: Bus, database_url: str, server_url: str
) -> None:
    clock = Clock()
    rulebook = Rulebook(impatient, bus, clock, timedelta(seconds=5))
    await impatient.transact(add_rule, "example.org", RuleKind.BLOCK)
    await rulebook.start()
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        with pytest.raises(StoreUnavailable):
            await rulebook.refresh()
        clock.advance(5)
        assert rulebook.rules.refusal("example.org", None) is HostBlocked
        assert rulebook.rules.refusal("example.net", None) is None
    finally:
        outage.end()
    await rulebook.close()


async def test_before_rules_are_known_nothing_is_let_through(
    impatient: Database, bus: Bus, database_url: str, server_url: str
) -> None:
    clock = Clock()
    rulebook = Rulebook(impatient, bus, clock, timedelta(seconds=5))
    assert rulebook.rules.refusal("example.net", None) is StoreUnavailable
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        await rulebook.start()
        assert not rulebook.is_known
        assert rulebook.rules.refusal("example.net", None) is StoreUnavailable
    finally:
        outage.end()
    while not rulebook.is_known:
        clock.advance(5)
        await deferLater(running_reactor(), 0.01)
    assert rulebook.rules.refusal("example.net", None) is None
    await rulebook.close()
