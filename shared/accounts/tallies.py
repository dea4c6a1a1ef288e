"""Tallies: small numbers that all processes count together, and that expire."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from shared.clock import Clock

# When every one of an attacker's addresses leaves a few: some 5 MB. The oldest go first.
MOST_IN_MEMORY = 20_000


class TalliesAway(Exception):
    """The shared tallies cannot be reached now."""


class Tallies(Protocol):
    """The keeper of the numbers. Redis keeps them for all processes; any call may then raise TalliesAway."""

    async def read(self, keys: Sequence[str]) -> Sequence[int | None]:
        """The numbers, in the order of `keys`; None for what is not there or has run out."""

    async def increment(self, key: str, keep: timedelta) -> int:
        """Add one and return the sum. The first one starts the time to `keep`; later ones do not prolong it."""

    async def put(self, key: str, number: int, keep: timedelta) -> None:
        """Set the number and its time."""

    async def claim(self, key: str, keep: timedelta) -> bool:
        """True for the first caller, and false for all others until the time has run out."""

    async def remove(self, keys: Collection[str]) -> None:
        """Forget them."""

    async def find(self, prefix: str) -> Mapping[str, int]:
        """All that begin with `prefix`. Slow."""


class MemoryTallies:
    """Tallies of this process alone."""

    def __init__(self, clock: Clock, most: int = MOST_IN_MEMORY) -> None:
        self._clock = clock
        self._most = most
        self._numbers: dict[str, tuple[int, float]] = {}  # number and when it runs out; insertion order is age

    async def read(self, keys: Sequence[str]) -> Sequence[int | None]:
        return [self._number(key) for key in keys]

    async def increment(self, key: str, keep: timedelta) -> int:
        number = self._number(key)
        if number is None:
            self._set(key, 1, self._clock.seconds() + keep.total_seconds())
            return 1
        self._numbers[key] = (number + 1, self._numbers[key][1])
        return number + 1

    async def put(self, key: str, number: int, keep: timedelta) -> None:
        self._set(key, number, self._clock.seconds() + keep.total_seconds())

    async def claim(self, key: str, keep: timedelta) -> bool:
        if self._number(key) is not None:
            return False
        await self.put(key, 1, keep)
        return True

    async def remove(self, keys: Collection[str]) -> None:
        for key in keys:
            self._numbers.pop(key, None)

    async def find(self, prefix: str) -> Mapping[str, int]:
        found = {key: self._number(key) for key in list(self._numbers) if key.startswith(prefix)}
        return {key: number for key, number in found.items() if number is not None}

    def _number(self, key: str) -> int | None:
        number, ends = self._numbers.get(key, (None, 0.0))
        if number is not None and ends <= self._clock.seconds():
            del self._numbers[key]
            return None
        return number

    def _set(self, key: str, number: int, ends: float) -> None:
        self._numbers.pop(key, None)
        if len(self._numbers) >= self._most:
            del self._numbers[next(iter(self._numbers))]
        self._numbers[key] = (number, ends)
