"""Commits that are shared: who gets which answer, whatever the others in the gathering are like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, DeferredList, gatherResults
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import blockingCallFromThread

from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.database.expected import MOMENT_SECONDS
from shared.database.gathering import WORTH_A_COMMIT, Gathering
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.testing.reactor import wait_for


class Refused(DomainError):
    pass


class Bug(Exception):
    pass


@dataclass(frozen=True)
class Item:
    number: int
    fate: str = "kept"


def keep(tx: Transaction, items: Sequence[Item]) -> list[int | DomainError]:
    """Keeps items; refuses some alone, and fails as a whole because of others."""
    results: list[int | DomainError] = []
    for item in items:
        if item.fate == "refused":
            results.append(Refused(item.number))
            continue
        tx.execute("INSERT INTO kept (item) VALUES (%s)", (item.number,))
        if item.fate == "raises":
            raise Bug(item.number)
        if item.fate == "refuses all":
            raise Refused(item.number)
        if item.fate == "breaks a rule":
            tx.execute("INSERT INTO kept (item) VALUES (-1)")
        results.append(item.number)
    return results


FATES = {"kept": None, "refused": Refused, "raises": Bug, "refuses all": Refused, "breaks a rule": Exception}


def make_table(tx: Transaction) -> None:
    tx.execute("CREATE TABLE IF NOT EXISTS kept (place serial, item int CHECK (item >= 0)); TRUNCATE kept")


def kept(tx: Transaction) -> list[int]:
    return [item for (item,) in tx.rows("SELECT item FROM kept ORDER BY place")]


@given(fates=st.lists(st.sampled_from([*FATES, *["kept"] * 5]), max_size=30), most_items=st.integers(1, 8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_item_gets_its_own_answer(database: Database, fates: list[str], most_items: int) -> None:
    items = [Item(number, fate) for number, fate in enumerate(fates)]

    async def submit_all() -> tuple[list[tuple[bool, object]], list[int]]:
        await database.transact(make_table)
        gathering = Gathering(database, keep, most_items=most_items, most_at_once=1)
        submitted: list[Deferred[Any]] = [Deferred.fromCoroutine(gathering.submit(item)) for item in items]
        outcomes: list[tuple[bool, object]] = await DeferredList(submitted, consumeErrors=True)
        return outcomes, await database.read(kept)

    # Up to four gatherings' worth may wait besides the one that is under way.
    items = items[: most_items * 5]
    outcomes, found = wait_for(submit_all)
    for item, (succeeded, outcome) in zip(items, outcomes, strict=True):
        expected = FATES[item.fate]
        if expected is None:
            assert succeeded
            assert outcome == item.number
        else:
            assert not succeeded
            assert isinstance(outcome.value, expected)  # type: ignore[attr-defined]
    assert found == [item.number for item in items if item.fate == "kept"]


async def test_what_arrives_in_one_turn_of_the_reactor_shares_a_commit(database: Database) -> None:
    sizes: list[int] = []

    def note(tx: Transaction, items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        return items

    gathering: Gathering[int, int] = Gathering(database, note, most_items=50, most_at_once=1)
    await gatherResults([Deferred.fromCoroutine(gathering.submit(number)) for number in range(120)])
    assert sizes == [50, 50, 20]


async def test_what_arrives_meanwhile_shares_the_next_commit(database: Database) -> None:
    sizes: list[int] = []
    more: list[Deferred[int]] = []

    def note(tx: Transaction, items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        if len(sizes) == 1:
            blockingCallFromThread(reactor, arrive)
        return items

    def arrive() -> None:
        more.extend(Deferred.fromCoroutine(gathering.submit(number)) for number in range(1, 4))

    reactor: Any = database.clock
    gathering: Gathering[int, int] = Gathering(database, note)
    assert await gathering.submit(0) == 0
    assert await gatherResults(more) == [1, 2, 3]
    assert sizes == [1, 3]


async def test_a_commit_waits_for_what_is_on_its_way(database: Database) -> None:
    clock, sizes, note = a_note(database)
    gathering: Gathering[int, int] = Gathering(database, note)
    with gathering.coming():
        with gathering.coming():
            submitted = [Deferred.fromCoroutine(gathering.submit(0))]
            clock.advance(MOMENT_SECONDS / 2)
        submitted.append(Deferred.fromCoroutine(gathering.submit(1)))
        clock.advance(MOMENT_SECONDS / 4)
    submitted.append(Deferred.fromCoroutine(gathering.submit(2)))
    clock.advance(0)
    assert await gatherResults(submitted) == [0, 1, 2]
    assert sizes == [3]
    submitted = [Deferred.fromCoroutine(gathering.submit(3))]
    clock.advance(0)  # nothing is on its way any more
    assert await gatherResults(submitted) == [3]


async def test_a_commit_waits_only_a_moment_for_what_is_on_its_way(database: Database) -> None:
    clock, sizes, note = a_note(database)
    gathering: Gathering[int, int] = Gathering(database, note)
    with gathering.coming():  # a slow client
        submitted = [Deferred.fromCoroutine(gathering.submit(0))]
        clock.advance(0)
        clock.advance(MOMENT_SECONDS / 2)
        with gathering.coming():  # nor for those that are asked meanwhile
            clock.advance(MOMENT_SECONDS / 2)
            assert await gatherResults(submitted) == [0]
        clock.advance(MOMENT_SECONDS)
        submitted = [Deferred.fromCoroutine(gathering.submit(1))]
        clock.advance(0)  # it is late already
        assert await gatherResults(submitted) == [1]
    assert sizes == [1, 1]


async def test_a_commit_with_enough_in_it_waits_for_nothing(database: Database) -> None:
    clock, sizes, note = a_note(database)
    gathering: Gathering[int, int] = Gathering(database, note)
    with gathering.coming():
        submitted = [Deferred.fromCoroutine(gathering.submit(0))]
        clock.advance(0)
        submitted += [Deferred.fromCoroutine(gathering.submit(number)) for number in range(1, WORTH_A_COMMIT)]
        clock.advance(0)
        assert await gatherResults(submitted) == list(range(WORTH_A_COMMIT))
    assert sizes == [WORTH_A_COMMIT]


def a_note(database: Database) -> tuple[Clock, list[int], Callable[[Transaction, Sequence[int]], Sequence[int]]]:
    """A clock for the database that stands still, and an operation that notes how many items share a commit."""
    sizes: list[int] = []

    def note(tx: Transaction, items: Sequence[int]) -> Sequence[int]:
        sizes.append(len(items))
        return items

    clock = Clock()
    database.clock = clock
    return clock, sizes, note


async def test_a_gathering_is_bounded_by_octets_but_takes_any_one_item(database: Database) -> None:
    sizes: list[list[int]] = []

    def note(tx: Transaction, items: Sequence[int]) -> Sequence[int]:
        sizes.append(list(items))
        return items

    gathering: Gathering[int, int] = Gathering(database, note, most_octets=100, weigh=lambda item: item, most_at_once=1)
    octets = [5000, 60, 40, 1, 99, 70]
    await gatherResults([Deferred.fromCoroutine(gathering.submit(number)) for number in octets])
    assert sizes == [[5000], [60, 40], [1, 99], [70]]


async def test_too_many_waiting_are_refused_at_once(database: Database) -> None:
    gathering: Gathering[Item, int] = Gathering(database, keep, most_items=2, most_at_once=1)
    await database.transact(make_table)
    accepted = [Deferred.fromCoroutine(gathering.submit(Item(number))) for number in range(10)]
    with pytest.raises(StoreUnavailable):
        await gathering.submit(Item(10))
    assert await gatherResults(accepted) == list(range(10))


async def test_a_wrong_number_of_results_is_found_before_the_commit(database: Database) -> None:
    def forgetful(tx: Transaction, items: Sequence[Item]) -> list[int | DomainError]:
        return keep(tx, items)[1:]

    gathering: Gathering[Item, int] = Gathering(database, forgetful)
    await database.transact(make_table)
    with pytest.raises(ValueError, match="0 results for 1 items"):
        await gathering.submit(Item(1))
    assert await database.read(kept) == []


async def test_close_commits_what_was_accepted(database: Database) -> None:
    gathering: Gathering[Item, int] = Gathering(database, keep, most_items=3)
    await database.transact(make_table)
    accepted = [Deferred.fromCoroutine(gathering.submit(Item(number))) for number in range(10)]
    await gathering.close()
    assert all(submitted.called for submitted in accepted)
    with pytest.raises(StoreUnavailable):
        await gathering.submit(Item(10))
    assert sorted(await database.read(kept)) == list(range(10))


async def test_one_that_waits_for_a_lock_does_not_hold_up_the_others(
    database: Database, transaction: Transaction
) -> None:
    def lock(tx: Transaction, items: Sequence[int]) -> Sequence[int]:
        for item in items:
            tx.execute("SELECT pg_advisory_xact_lock(%s)", (item,))
        return items

    transaction.execute("SELECT pg_advisory_xact_lock(1)")
    gathering: Gathering[int, int] = Gathering(database, lock)
    waiting = Deferred.fromCoroutine(gathering.submit(1))
    reactor: Any = database.clock
    await deferLater(reactor, 0)  # else the others would share its gathering
    assert [await gathering.submit(number) for number in (2, 3, 4)] == [2, 3, 4]
    assert not waiting.called
    transaction.rollback()
    assert await waiting == 1
