"""Lock-outs, seen and ended by an administrator."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from shared.accounts.lock_out import LockOut, LockOutRules
from shared.accounts.tallies import MemoryTallies
from shared.administration import lockouts
from shared.administration.errors import NotASignInName

HOST = "192.0.2.1"


async def test_a_guesser_is_seen_and_let_in_again() -> None:
    clock = Clock()
    tallies = MemoryTallies(clock)
    lock_out = LockOut(clock, tallies, [])
    for _ in range(LockOutRules().failures_per_pair):
        await lock_out.failed(await lock_out.admit("alice", HOST), False)
    (found,) = await lockouts.list_lockouts(tallies, clock)
    assert found.account == "alice"
    assert await lockouts.unlock(tallies, "bob") == 0
    assert await lockouts.unlock(tallies, "alice@example.org", HOST) == 1
    assert await lockouts.list_lockouts(tallies, clock) == []


async def test_only_names_that_somebody_may_sign_in_with_are_let_in() -> None:
    with pytest.raises(NotASignInName, match="@"):
        await lockouts.unlock(MemoryTallies(Clock()), "@")
