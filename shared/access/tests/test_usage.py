"""Usage is counted once, whatever happens to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock, deferLater
from twisted.logger import capturedLogs

import shared.access.usage.usage
from shared.access.usage.add_usage import add_usage
from shared.access.usage.host_budget import MOST, MOST_OF_AN_ACCOUNT
from shared.access.usage.usage import Usage
from shared.accounts.delete_account import delete_account
from shared.database.database import Database
from shared.database.errors import CommitUnknown, StoreUnavailable
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.testing.builders import an_account
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.store_outage import StoreOutage

DAY = date(2026, 3, 1)
ALICE, BOB = 7, 8


def all_rows(tx: Transaction) -> list[tuple[Any, ...]]:
    return tx.rows(
        "SELECT account_id, host, status, requests, octets_in, octets_out FROM usage"
        " ORDER BY day, account_id, host, status"
    )


def all_sums(tx: Transaction) -> list[tuple[Any, ...]]:
    return tx.rows("SELECT day, account_id, requests, octets_in, octets_out FROM usage_of_account ORDER BY 1, 2")


@pytest.fixture
def make_usage(database: Database) -> Callable[..., Usage]:
    def make(**named: Any) -> Usage:
        return Usage(database, Clock(), today=lambda: DAY, **named)

    return make


async def test_requests_are_summed_up_by_account_host_and_status(
    database: Database, make_usage: Callable[..., Usage]
) -> None:
    usage = make_usage()
    usage.count(ALICE, "example.org", 200, 10, 100)
    usage.count(ALICE, "example.org", 200, 20, 200)
    usage.count(ALICE, "example.org", 404, 1, 2)
    usage.count(None, "example.net", 200, 5, 6)
    usage.count(ALICE, "example.net", 200, 3, 4, requests=0)
    await usage.flush()
    assert await database.read(all_rows) == [
        (0, "example.net", 200, 1, 5, 6),
        (ALICE, "example.net", 200, 0, 3, 4),
        (ALICE, "example.org", 200, 2, 30, 300),
        (ALICE, "example.org", 404, 1, 1, 2),
    ]
    assert await database.read(all_sums) == [(DAY, 0, 1, 5, 6), (DAY, ALICE, 3, 34, 306)]


async def test_several_copies_add_up(database: Database, make_usage: Callable[..., Usage]) -> None:
    copies = [make_usage(), make_usage()]
    for number in range(3):
        for usage in copies:
            usage.count(ALICE, "example.org", 200, 1, 10)
            usage.count(BOB, f"{number}.example.org", 200, 1, 1)
            await usage.flush()
    rows = await database.read(all_rows)
    assert (ALICE, "example.org", 200, 6, 6, 60) in rows
    assert len(rows) == 4
    assert await database.read(all_sums) == [(DAY, ALICE, 6, 6, 60), (DAY, BOB, 6, 6, 6)]


async def test_copies_that_write_the_same_rows_at_once_do_not_lock_each_other_out(
    database: Database, make_usage: Callable[..., Usage]
) -> None:
    copies = [make_usage() for _ in range(4)]
    for turn in range(5):
        for number, usage in enumerate(copies):
            hosts = [f"{host}.example.org" for host in range(200)]
            for host in hosts if (turn + number) % 2 else reversed(hosts):
                usage.count(ALICE, host, 200, 1, 1)
                usage.count(BOB, host, 200, 1, 1)
        await gatherResults([Deferred.fromCoroutine(usage.flush()) for usage in copies])
    assert await database.read(all_sums) == [(DAY, ALICE, 4000, 4000, 4000), (DAY, BOB, 4000, 4000, 4000)]
    assert {row[3] for row in await database.read(all_rows)} == {20}


async def test_each_copy_learns_what_the_others_counted(make_usage: Callable[..., Usage]) -> None:
    here, there = make_usage(), make_usage()
    assert here.octets_today(ALICE) == 0
    there.count(ALICE, "example.org", 200, 100, 1000)
    await there.flush()
    here.count(ALICE, "example.org", 200, 1, 10)
    assert here.octets_today(ALICE) == 11
    await here.flush()
    assert here.octets_today(ALICE) == 1111
    there.count(ALICE, "example.org", 200, 0, 5000)
    await there.flush()
    await here.flush()  # with nothing to write
    assert here.octets_today(ALICE) == 6111


async def test_it_is_written_every_few_seconds(database: Database) -> None:
    clock = Clock()
    usage = Usage(database, clock, timedelta(seconds=5), today=lambda: DAY)
    usage.count(ALICE, "example.org", 200, 1, 10)
    clock.advance(4.9)
    assert usage._batch is None
    clock.advance(0.2)
    await usage.close()  # waits for the one that is under way
    assert len(await database.read(all_rows)) == 1


@pytest.fixture
def impatient(database_url: str) -> Iterator[Database]:
    async def start() -> Database:
        return Database(running_reactor(), database_url, StoreLimits(patience=timedelta(0)), name="impatient")

    store = wait_for(start)
    yield store
    wait_for(store.close)


async def test_what_is_counted_while_the_store_is_away_is_written_once_it_is_back(
    impatient: Database, database_url: str, server_url: str
) -> None:
    usage = Usage(impatient, Clock(), today=lambda: DAY)
    outage = StoreOutage(database_url, server_url)
    usage.count(ALICE, "example.org", 200, 1, 10)
    await usage.flush()
    outage.begin()
    try:
        for _ in range(3):
            usage.count(ALICE, "example.org", 200, 1, 10)
            with pytest.raises(StoreUnavailable):
                await usage.flush()
        assert usage.octets_today(ALICE) == 33
    finally:
        outage.end()
    while await impatient.health() is not None:
        await deferLater(running_reactor(), 0.01)
    await usage.close()
    assert await impatient.read(all_rows) == [(ALICE, "example.org", 200, 4, 4, 40)]


async def test_what_is_lost_at_the_end_is_told(impatient: Database, database_url: str, server_url: str) -> None:
    usage = Usage(impatient, Clock(), today=lambda: DAY)
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        with capturedLogs() as events:
            for _ in range(2):
                usage.count(ALICE, "example.org", 200, 1, 10)
                with pytest.raises(StoreUnavailable):
                    await usage.flush()
            await usage.close()
    finally:
        outage.end()
    assert [event["requests"] for event in events if event["log_namespace"] == "shared.access.usage.usage.Usage"] == [2]


async def test_a_commit_whose_answer_was_lost_counts_once(
    database: Database, make_usage: Callable[..., Usage], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = make_usage()
    transact = database.transact

    async def lose_the_answer(*arguments: Any) -> Any:
        await transact(*arguments)
        raise CommitUnknown

    usage.count(ALICE, "example.org", 200, 1, 10)
    monkeypatch.setattr(database, "transact", lose_the_answer)
    with pytest.raises(CommitUnknown):
        await usage.flush()
    usage.count(ALICE, "example.org", 200, 1, 10)
    monkeypatch.undo()
    await usage.close()
    assert await database.read(all_rows) == [(ALICE, "example.org", 200, 2, 2, 20)]


async def test_a_batch_that_cannot_be_written_is_not_in_the_way_for_ever(
    database: Database, make_usage: Callable[..., Usage], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> Any:
        raise LookupError

    usage = make_usage()
    usage.count(ALICE, "example.org", 200, 1, 10)
    monkeypatch.setattr(shared.access.usage.usage, "add_usage", broken)
    with pytest.raises(LookupError):
        await usage.flush()
    monkeypatch.setattr(shared.access.usage.usage, "add_usage", add_usage)
    usage.count(BOB, "example.org", 200, 1, 10)
    await usage.close()
    assert await database.read(all_rows) == [(BOB, "example.org", 200, 1, 1, 10)]


@pytest.mark.parametrize("host", ["x" * 254, "a\0b", "b@c", "a\nb", "\ud800", "0x7f.1", ""])
async def test_what_the_store_would_not_take_is_counted_all_the_same(
    database: Database, make_usage: Callable[..., Usage], host: str
) -> None:
    usage = make_usage()
    usage.count(ALICE, host, 99999, 1, 10)
    usage.count(ALICE, host, 600, 1, 10)
    await usage.close()
    assert await database.read(all_rows) == [(ALICE, "", 0, 1, 1, 10), (ALICE, "", 600, 1, 1, 10)]


async def test_a_host_is_counted_under_one_name(database: Database, make_usage: Callable[..., Usage]) -> None:
    usage = make_usage()
    for host in ("bücher.example", "xn--bcher-kva.example", "XN--BCHER-KVA.example.", "2001:db8:0::1", "[2001:DB8::1]"):
        usage.count(ALICE, host, 200, 1, 1)
    await usage.close()
    rows = [(ALICE, "2001:db8::1", 200, 2, 2, 2), (ALICE, "xn--bcher-kva.example", 200, 3, 3, 3)]
    assert await database.read(all_rows) == rows


async def test_a_hundred_thousand_hosts_are_counted_in_bounded_memory(
    database: Database, make_usage: Callable[..., Usage]
) -> None:
    usage = make_usage()
    for number in range(100_000):
        usage.count(ALICE, f"{number}.example.org", 200, 1, 2)
    usage.count(BOB, "example.org", 200, 1, 2)
    assert len(usage._rows) == MOST_OF_AN_ACCOUNT + 2
    await usage.close()
    assert await database.read(all_sums) == [(DAY, ALICE, 100_000, 100_000, 200_000), (DAY, BOB, 1, 1, 2)]
    rows = await database.read(all_rows)
    assert len(rows) == MOST_OF_AN_ACCOUNT + 2
    assert (ALICE, "", 200, 90_000, 90_000, 180_000) in rows
    assert (BOB, "example.org", 200, 1, 1, 2) in rows


async def test_rows_and_hosts_are_bounded_whoever_makes_them(
    make_usage: Callable[..., Usage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.access.usage.usage, "MOST_ROWS", 100)
    usage = make_usage()
    for number in range(10_000):
        usage.count(1 + number % 10, f"{number}.example.org", 100 + number % 900, 1, 1)
    assert len(usage._rows) <= 2 * 100 + 10
    assert sum(row[0] for row in usage._rows.values()) == 10_000
    assert usage._hosts._count <= MOST


async def test_a_new_day_begins(database: Database) -> None:
    days = [DAY]
    usage = Usage(database, Clock(), today=lambda: days[-1])
    assert usage.octets_today(ALICE) == 0
    usage.count(ALICE, "example.org", 200, 1, 10)
    days.append(DAY + timedelta(days=1))
    await usage.flush()
    assert usage.octets_today(ALICE) == 0
    usage.count(ALICE, "example.org", 200, 2, 20)
    await usage.flush()
    assert usage.octets_today(ALICE) == 22
    assert await database.read(all_sums) == [(DAY, ALICE, 1, 1, 10), (days[-1], ALICE, 1, 2, 20)]
    await usage.close()


def test_what_a_deleted_account_used_goes_with_it(transaction: Transaction) -> None:
    account = an_account(transaction, "alice")
    transaction.execute("INSERT INTO usage VALUES (now(), %s, 'example.org', 200, 1, 1, 1)", (account.id,))
    transaction.execute("INSERT INTO usage_of_account VALUES (now(), %s, 1, 1, 1)", (account.id,))
    delete_account(transaction, account.id)
    assert all_rows(transaction) == []
    assert all_sums(transaction) == []
