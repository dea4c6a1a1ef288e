"""Lock-out: who is locked out, for how long, and who never is."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from ipaddress import ip_network
from typing import Any, TypeVar

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from shared.accounts.errors import LockedOut
from shared.accounts.lock_out import LockOut, LockOutRules
from shared.accounts.tallies import MemoryTallies, TalliesAway
from shared.ip_network import network_of

T = TypeVar("T")
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"
RULES = LockOutRules()


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.advance(1_700_000_000)
    return clock


@pytest.fixture
def shared(clock: Clock) -> MemoryTallies:
    return MemoryTallies(clock)


@pytest.fixture
def lock_out(clock: Clock, shared: MemoryTallies) -> LockOut:
    return LockOut(clock, shared, [ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of what needs no waiting."""
    results: list[T] = []
    failures: list[Any] = []
    Deferred.fromCoroutine(coroutine).addCallbacks(results.append, failures.append)
    if failures:
        failures[0].raiseException()
    return results[0]


def fail(lock_out: LockOut, account: str, host: str, times: int = 1, repeated: bool = False) -> None:
    for _ in range(times):
        now(lock_out.failed(now(lock_out.admit(account, host)), repeated))


def succeed(lock_out: LockOut, account: str, host: str) -> None:
    now(lock_out.succeeded(now(lock_out.admit(account, host))))


def locked_for(lock_out: LockOut, account: str, host: str) -> timedelta:
    with pytest.raises(LockedOut) as refusal:
        now(lock_out.admit(account, host))
    return refusal.value.retry_after


def test_guesser_is_locked_and_the_owner_elsewhere_is_not(lock_out: LockOut) -> None:
    fail(lock_out, "alice", ELSEWHERE, RULES.failures_per_pair)
    assert locked_for(lock_out, "alice", ELSEWHERE) == RULES.shortest_lock
    succeed(lock_out, "alice", HOME)


def test_ninth_failure_does_not_lock(lock_out: LockOut) -> None:
    fail(lock_out, "alice", HOME, RULES.failures_per_pair - 1)
    succeed(lock_out, "alice", HOME)


def test_success_forgets_failures(lock_out: LockOut) -> None:
    fail(lock_out, "alice", HOME, RULES.failures_per_pair - 1)
    succeed(lock_out, "alice", HOME)
    fail(lock_out, "alice", HOME, RULES.failures_per_pair - 1)
    succeed(lock_out, "alice", HOME)


def test_success_with_one_account_does_not_forget_failures_with_another(lock_out: LockOut) -> None:
    fail(lock_out, "alice", HOME, RULES.failures_per_pair - 1)
    succeed(lock_out, "mallory", HOME)
    fail(lock_out, "alice", HOME)
    locked_for(lock_out, "alice", HOME)


def test_failures_far_apart_are_forgotten(lock_out: LockOut, clock: Clock) -> None:
    for _ in range(3 * RULES.failures_per_pair):
        fail(lock_out, "alice", HOME)
        clock.advance(RULES.window.total_seconds() / (RULES.failures_per_pair - 1))
    succeed(lock_out, "alice", HOME)


def test_locks_grow_to_an_hour_and_end(lock_out: LockOut, clock: Clock) -> None:
    locks = []
    for _ in range(8):
        fail(lock_out, "alice", HOME, RULES.failures_per_pair, repeated=True)
        locks.append(locked_for(lock_out, "alice", HOME))
        clock.advance(locks[-1].total_seconds())
    assert [lock.total_seconds() / 60 for lock in locks] == [1, 2, 4, 8, 16, 32, 60, 60]
    succeed(lock_out, "alice", HOME)
    fail(lock_out, "alice", HOME, RULES.failures_per_pair)
    assert locked_for(lock_out, "alice", HOME) == RULES.shortest_lock


def test_refused_attempts_do_not_prolong_the_lock(lock_out: LockOut, clock: Clock) -> None:
    fail(lock_out, "alice", HOME, RULES.failures_per_pair)
    for _ in range(59):
        clock.advance(1)
        locked_for(lock_out, "alice", HOME)
    clock.advance(1)
    succeed(lock_out, "alice", HOME)


def test_address_that_tries_many_names_is_locked_for_all_but_those_at_home_there(lock_out: LockOut) -> None:
    succeed(lock_out, "alice", HOME)
    for number in range(RULES.failures_per_network):
        fail(lock_out, f"name{number}", HOME)
    locked_for(lock_out, "bob", HOME)
    locked_for(lock_out, "", HOME)
    succeed(lock_out, "alice", HOME)
    succeed(lock_out, "bob", ELSEWHERE)


def test_impossible_names_count_against_the_address(lock_out: LockOut) -> None:
    fail(lock_out, "", HOME, RULES.failures_per_network)
    locked_for(lock_out, "alice", HOME)


def test_program_with_an_old_password_does_not_lock_its_whole_address(lock_out: LockOut, clock: Clock) -> None:
    for _ in range(3):
        fail(lock_out, "alice", HOME, RULES.failures_per_pair, repeated=True)
        clock.advance(locked_for(lock_out, "alice", HOME).total_seconds())
    succeed(lock_out, "bob", HOME)


def test_many_addresses_guess_one_at_a_time_and_the_owner_waits_for_nothing(lock_out: LockOut, clock: Clock) -> None:
    succeed(lock_out, "alice", HOME)
    for number in range(RULES.failures_from_strangers):
        fail(lock_out, "alice", f"198.51.100.{number}")
    clock.advance(RULES.turn.total_seconds() * 1.5)
    answers: list[float] = []
    for number in range(3):
        admitted = Deferred.fromCoroutine(lock_out.admit("alice", f"203.0.113.{number}"))
        admitted.addCallback(lambda _: answers.append(clock.seconds()))
    locked_for(lock_out, "alice", "203.0.113.9")
    succeed(lock_out, "alice", HOME)
    succeed(lock_out, "bob", "203.0.113.9")
    start = clock.seconds()
    clock.pump([1.0] * 12)
    assert [answer // RULES.turn.total_seconds() - start // RULES.turn.total_seconds() for answer in answers] == [
        0,
        1,
        2,
    ]


def test_trusted_networks_are_never_locked(lock_out: LockOut) -> None:
    for host in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1"):
        fail(lock_out, "alice", host, 5 * RULES.failures_per_network)
        succeed(lock_out, "alice", host)


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8::/64", "2001:db8::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("/run/agora.sock", "/run/agora.sock"),
    ],
)
def test_one_ipv6_network_is_one_guesser(host: str, network: str) -> None:
    assert network_of(host) == network


class Away(MemoryTallies):
    """Redis, sometimes away."""

    away = False

    def _number(self, key: str) -> int | None:
        if self.away:
            raise TalliesAway
        return super()._number(key)


def test_own_count_goes_on_while_redis_is_away(clock: Clock) -> None:
    redis = Away(clock)
    lock_out = LockOut(clock, redis)
    fail(lock_out, "alice", HOME, RULES.failures_per_pair - 1)
    redis.away = True
    fail(lock_out, "alice", HOME)
    locked_for(lock_out, "alice", HOME)
    clock.advance(60)
    succeed(lock_out, "alice", HOME)


def test_processes_count_together(clock: Clock, shared: MemoryTallies) -> None:
    for _ in range(RULES.failures_per_pair):
        fail(LockOut(clock, shared), "alice", HOME)
    locked_for(LockOut(clock, shared), "alice", HOME)


def test_memory_is_bounded(clock: Clock) -> None:
    tallies = MemoryTallies(clock, most=10)
    for number in range(100):
        now(tallies.increment(str(number), timedelta(minutes=1)))
    assert sorted(now(tallies.find(""))) == [str(number) for number in range(90, 100)]
