"""The rate of requests: so many a minute for an account or a network, told in the RateLimit fields.

draft-ietf-httpapi-ratelimit-headers-10. Counted in each process for itself: the limit keeps a script from starving the
others, and is no quota.
"""

from __future__ import annotations

from typing import NamedTuple

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.clock import Clock

WINDOW_SECONDS = 60
CACHE_OCTETS = 4 << 20  # some 18,000 accounts and networks
POLICY = b"default"


class Left(NamedTuple):
    """How many requests are left in this window, and for how many seconds it lasts; `is_over`: this one is too many."""

    most: int
    requests: int
    seconds: int
    is_over: bool

    def fields(self) -> dict[bytes, bytes]:
        """The fields of an answer."""
        fields = {
            b"ratelimit-policy": b'"%b";q=%d;w=%d' % (POLICY, self.most, WINDOW_SECONDS),
            b"ratelimit": b'"%b";r=%d;t=%d' % (POLICY, self.requests, self.seconds),
        }
        return {**fields, b"retry-after": b"%d" % self.seconds} if self.is_over else fields


class Rate:
    """The counts of a process."""

    def __init__(self, clock: Clock, most: int) -> None:
        """`most`: requests of an account or a network in a window."""
        self._clock = clock
        self._most = most
        self._counts: BoundedCache[tuple[str, int], list[int]] = BoundedCache(CACHE_OCTETS, lambda _: ENTRY_OCTETS)

    def count(self, asker: str) -> Left:
        """Count one request of `asker`."""
        now = self._clock.seconds()
        window = int(now // WINDOW_SECONDS)
        key = (asker, window)
        count = self._counts.get(key)
        if count is None:
            count = [0]
            self._counts.put(key, count)
        count[0] += 1
        seconds = max(1, int((window + 1) * WINDOW_SECONDS - now))
        return Left(self._most, max(0, self._most - count[0]), seconds, count[0] > self._most)
