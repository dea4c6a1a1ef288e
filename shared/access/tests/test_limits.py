"""An account uses no more than its limits allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

import shared.access.limits.allowance
from shared.access.errors import TooManyConnections, TooManyRequests, VolumeSpent
from shared.access.limits.account_access import AccountAccess
from shared.access.limits.allowance import Allowance

ALICE, BOB = 1, 2


class House:
    """Limits and octets as they are set here."""

    def __init__(self, access: AccountAccess | None = None) -> None:
        self.access = {ALICE: access or AccountAccess()}
        self.octets = 0
        self.clock = Clock()
        self.allowance = Allowance(self, self, self.clock, lambda: datetime(2026, 3, 1, 23, 59, 50, tzinfo=UTC))

    def account(self, account_id: int | None) -> AccountAccess | None:
        return None if account_id is None else self.access.get(account_id, AccountAccess())

    def octets_today(self, account_id: int) -> int:
        return self.octets

    def taken(self, account_id: int | None, requests: int) -> int:
        """How many of so many requests are let through."""
        return sum(self.allowance.take(account_id) is None for _ in range(requests))


def test_requests_beyond_the_rate_wait() -> None:
    house = House(AccountAccess(requests_per_second=2, burst=5))
    assert house.taken(ALICE, 10) == 5
    refusal = house.allowance.take(ALICE)
    assert isinstance(refusal, TooManyRequests)
    assert refusal.retry_after == timedelta(seconds=0.5)
    house.clock.advance(0.5)
    assert house.taken(ALICE, 10) == 1
    house.clock.advance(1.5)
    assert house.taken(ALICE, 10) == 3
    house.clock.advance(3600)
    assert house.taken(ALICE, 10) == 5


@pytest.mark.parametrize(("rate", "at_once"), [(0.1, 1), (1, 2), (10, 20)])
def test_without_a_burst_of_its_own_it_is_that_of_a_pause(rate: float, at_once: int) -> None:
    assert House(AccountAccess(requests_per_second=rate)).taken(ALICE, 100) == at_once


def test_others_have_their_own_limits_and_nobody_has_none() -> None:
    house = House(AccountAccess(requests_per_second=1, burst=1, octets_per_day=100, connections=1))
    house.octets = 50
    assert house.taken(ALICE, 10) == 1
    assert house.taken(BOB, 10) == 10
    assert house.taken(None, 10) == 10
    assert [house.allowance.enter(None) for _ in range(5)] == [None] * 5
    house.allowance.leave(None)


def test_a_new_limit_counts_at_once() -> None:
    house = House(AccountAccess(requests_per_second=100, burst=100))
    assert house.taken(ALICE, 10) == 10
    house.access[ALICE] = AccountAccess(requests_per_second=1, burst=2)
    assert house.taken(ALICE, 10) == 2
    house.access[ALICE] = AccountAccess()
    assert house.taken(ALICE, 10) == 10


def test_octets_are_spent_until_midnight() -> None:
    house = House(AccountAccess(octets_per_day=100))
    house.octets = 99
    assert house.allowance.take(ALICE) is None
    house.octets = 100
    for refusal in (house.allowance.take(ALICE), house.allowance.may_go_on(ALICE)):
        assert isinstance(refusal, VolumeSpent)
        assert refusal.retry_after == timedelta(seconds=10)
    assert house.allowance.may_go_on(BOB) is None


def test_what_is_refused_for_its_volume_takes_no_token() -> None:
    house = House(AccountAccess(requests_per_second=1, burst=1, octets_per_day=1))
    house.octets = 1
    assert house.taken(ALICE, 10) == 0
    house.octets = 0
    assert house.taken(ALICE, 10) == 1


def test_connections_are_given_back() -> None:
    house = House(AccountAccess(connections=2))
    assert house.allowance.enter(ALICE) is None
    assert house.allowance.enter(ALICE) is None
    assert isinstance(house.allowance.enter(ALICE), TooManyConnections)
    house.allowance.leave(ALICE)
    assert house.allowance.enter(ALICE) is None
    house.access[ALICE] = replace(house.access[ALICE], connections=None)
    assert house.allowance.enter(ALICE) is None
    for _ in range(3):
        house.allowance.leave(ALICE)
    assert not house.allowance._connections


@given(st.floats(0.1, 50), st.integers(1, 20), st.lists(st.tuples(st.floats(0, 5), st.integers(1, 30)), max_size=20))
def test_never_more_than_the_rate_and_one_burst(rate: float, burst: int, rounds: list[tuple[float, int]]) -> None:
    house = House(AccountAccess(requests_per_second=rate, burst=burst))
    let_through = 0
    for pause, requests in rounds:
        house.clock.advance(pause)
        let_through += house.taken(ALICE, requests)
        assert let_through <= burst + rate * house.clock.seconds() + 1e-6


def test_accounts_that_are_quiet_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.access.limits.allowance, "MOST_BUCKETS", 10)
    house = House()
    for account_id in range(1, 101):
        house.access[account_id] = AccountAccess(requests_per_second=10, burst=10)
        house.clock.advance(0.1)
        assert house.taken(account_id, 1) == 1
    assert len(house.allowance._buckets) <= 10


def test_forgetting_takes_no_longer_with_more_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts whose buckets are not full are forgotten, too, and nothing is searched for them."""
    monkeypatch.setattr(shared.access.limits.allowance, "MOST_BUCKETS", 10)
    house = House()
    for account_id in range(1, 101):
        house.access[account_id] = AccountAccess(requests_per_second=0.001, burst=10)
        assert house.taken(account_id, 1) == 1
    assert len(house.allowance._buckets) <= 10
