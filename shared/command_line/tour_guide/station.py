"""A station of the tour: what was seen there, and how long it took."""

from __future__ import annotations

import time
from dataclasses import dataclass


class NotAsPromised(Exception):
    """A door did something else than it should."""


@dataclass(frozen=True, slots=True)
class Station:
    """One thing the tour has shown."""

    door: str
    what: str
    milliseconds: float


def station(door: str, what: str, begun: float, ended: float | None = None) -> Station:
    """What has begun at `begun` (perf_counter) and was over at `ended`, by default just now."""
    seconds = (time.perf_counter() if ended is None else ended) - begun
    return Station(door, what, round(max(0.0, seconds) * 1000, 1))
