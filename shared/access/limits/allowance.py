"""The allowance of an account: requests a second, octets a day, connections at a time.

Rate and connections are counted by each copy of the proxy for itself: n copies together let n times as much through, if
a client spreads over all of them. Octets are those of all copies, known a few seconds late (`usage.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.access.errors import TooManyConnections, TooManyRequests, VolumeSpent
from shared.access.limits.account_access import AccountAccess
from shared.bounded_cache import BoundedCache
from shared.clock import Clock
from shared.errors import DomainError

# Accounts whose rate is counted. An account that is forgotten begins again with a full bucket. That is right: it was
# idle while half as many others made requests, which takes longer than filling a bucket.
MOST_BUCKETS = 20_000


class KnownLimits(Protocol):
    """A Rulebook."""

    def account(self, account_id: int | None) -> AccountAccess | None:
        """What the account may use."""


class Octets(Protocol):
    """A Usage."""

    def octets_today(self, account_id: int) -> int:
        """What the account has used."""


class _Bucket:
    """Tokens, of which each request takes one and time brings new ones."""

    __slots__ = ("filled", "tokens")

    def __init__(self, tokens: float, filled: float) -> None:
        self.tokens, self.filled = tokens, filled


class Allowance:
    """Decides about each request; a change of limits counts from the next request on."""

    def __init__(
        self, limits: KnownLimits, usage: Octets, clock: Clock, now: Callable[[], datetime] | None = None
    ) -> None:
        self._limits = limits
        self._usage = usage
        self._clock = clock
        self._now = now or (lambda: datetime.now(UTC))
        self._buckets: BoundedCache[int, _Bucket] = BoundedCache(MOST_BUCKETS, lambda _: 1)
        self._connections: dict[int, int] = {}

    def take(self, account_id: int | None) -> DomainError | None:
        """Count one more request, and return None; or return the reason why it may not be made.

        Requests without an account (None) are not limited.
        """
        access = self._limits.account(account_id)
        if access is None or account_id is None:
            return None
        refusal = self._volume(account_id, access)
        if refusal is None and access.requests_per_second is not None:
            refusal = self._take_token(account_id, access.requests_per_second, access.most_at_once)
        return refusal

    def may_go_on(self, account_id: int | None) -> DomainError | None:
        """None if a long transfer may go on; else VolumeSpent."""
        access = self._limits.account(account_id)
        return None if access is None or account_id is None else self._volume(account_id, access)

    def enter(self, account_id: int | None) -> DomainError | None:
        """Count one more connection, and return None; the caller must call leave() at its end.

        Or return TooManyConnections.
        """
        access = self._limits.account(account_id)
        if access is None or account_id is None:
            return None
        there = self._connections.get(account_id, 0)
        if access.connections is not None and there >= access.connections:
            return TooManyConnections()
        self._connections[account_id] = there + 1
        return None

    def leave(self, account_id: int | None) -> None:
        """One connection less, of those that enter() let in."""
        if account_id is None:
            return
        there = self._connections.pop(account_id, 0)
        if there > 1:
            self._connections[account_id] = there - 1

    def _volume(self, account_id: int, access: AccountAccess) -> DomainError | None:
        if access.octets_per_day is None or self._usage.octets_today(account_id) < access.octets_per_day:
            return None
        now = self._now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return VolumeSpent(midnight - now)

    def _take_token(self, account_id: int, rate: float, most: float) -> DomainError | None:
        now = self._clock.seconds()
        bucket = self._buckets.get(account_id)
        if bucket is None:
            bucket = _Bucket(most, now)
            self._buckets.put(account_id, bucket)
        bucket.tokens = min(most, bucket.tokens + max(0.0, now - bucket.filled) * rate)
        bucket.filled = now
        if bucket.tokens < 1:
            return TooManyRequests(timedelta(seconds=(1 - bucket.tokens) / rate))
        bucket.tokens -= 1
        return None
