"""The lines that one network may cause in the log: so many a minute, then one with the number of the others.

A bound for each connection is none for a client that connects again and again. What has no line is counted for
`/metrics` all the same, by those who ask here.
"""

from __future__ import annotations

from twisted.logger import Logger

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.clock import Clock

_log = Logger()
PERIOD_SECONDS = 60.0
NETWORKS_OCTETS = 1 << 20  # some thousands of networks; one that is forgotten begins anew


class _Period:
    """A minute of one network."""

    __slots__ = ("ends", "lines", "unlogged")

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.lines = self.unlogged = 0


class NetworkLines:
    """Counts the lines of each network. `what` names those that have none, in the line that says how many they are."""

    def __init__(self, clock: Clock, most: int, what: str) -> None:
        self._clock = clock
        self._most = most
        self._what = what
        self._periods: BoundedCache[str, _Period] = BoundedCache(NETWORKS_OCTETS, lambda _period: 2 * ENTRY_OCTETS)

    def takes(self, network: str) -> bool:
        """Whether one more line about `network` may be written. Never waits."""
        now = self._clock.seconds()
        period = self._periods.get(network)
        if period is None or period.ends <= now:
            self._periods.drop(network)
            period = _Period(now + PERIOD_SECONDS)
            self._periods.put(network, period)
        if period.lines < self._most:
            period.lines += 1
            return True
        if not period.unlogged:
            self._clock.callLater(period.ends - now, self._write_rest, network, period)
        period.unlogged += 1
        return False

    def _write_rest(self, network: str, period: _Period) -> None:
        _log.info(
            "{what} of {network} within a minute that have no line: {count}",
            what=self._what,
            network=network,
            count=period.unlogged,
        )
