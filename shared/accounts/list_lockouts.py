"""List lock-outs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from shared.accounts.lockout_keys import LOCK, PREFIX, place_of
from shared.accounts.tallies import Tallies
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class Lockout:
    """`account` None: every account that never signed in from there."""

    account: str | None
    network: str
    remaining: timedelta


async def list_lockouts(tallies: Tallies, clock: Clock) -> Sequence[Lockout]:
    """All locks, the longest first. Raises TalliesAway."""
    found = await tallies.find(f"{PREFIX}{LOCK}|")
    lockouts = []
    for key, ends_ms in found.items():
        _, place = place_of(key)
        remaining = timedelta(seconds=max(0.0, ends_ms / 1000 - clock.seconds()))
        lockouts.append(Lockout(place.account or None, place.network, remaining))
    return sorted(lockouts, key=lambda lockout: lockout.remaining, reverse=True)
