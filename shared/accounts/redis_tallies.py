"""Tallies in Redis, for all processes together. Redis may lose them at any moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from txredisapi import ResponseError

from shared.accounts.tallies import TalliesAway
from shared.clock import Clock
from shared.events.redis import RedisAway, RedisConnection

# Redis answers in a fraction of a millisecond. A client waits for the answer to its sign-in: if Redis takes longer than
# this, the process counts alone, and does not ask Redis again at once.
PATIENCE_SECONDS = 0.5
REST_SECONDS = 2.0

# MGET with integers for strings: txredisapi 1.6 pauses the connection for a turn of the reactor after each string.
_READ = (
    "local numbers = redis.call('MGET', unpack(KEYS))"
    " for place = 1, #numbers do numbers[place] = tonumber(numbers[place] or '-1') end"
    " return numbers"
)
# In one step, so that no number without an end can be left behind.
_INCREMENT = (
    "local sum = redis.call('INCR', KEYS[1]) if sum == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end return sum"
)
_SCAN_COUNT = 1000


class RedisTallies:
    """See `tallies.Tallies`."""

    _log = Logger()

    def __init__(self, redis: RedisConnection, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._rests_until = 0.0

    async def read(self, keys: Sequence[str]) -> Sequence[int | None]:
        numbers = await self._command("EVAL", _READ, len(keys), *keys)
        return [None if number < 0 else number for number in numbers]

    async def increment(self, key: str, keep: timedelta) -> int:
        return int(await self._command("EVAL", _INCREMENT, 1, key, _milliseconds(keep)))

    async def put(self, key: str, number: int, keep: timedelta) -> None:
        await self._command("SET", key, number, "PX", _milliseconds(keep))

    async def claim(self, key: str, keep: timedelta) -> bool:
        return await self._command("SET", key, 1, "PX", _milliseconds(keep), "NX") is not None

    async def remove(self, keys: Collection[str]) -> None:
        await self._command("DEL", *keys)

    async def find(self, prefix: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        cursor: bytes = b"0"
        while True:
            cursor, names = await self._command("SCAN", cursor, "MATCH", prefix + "*", "COUNT", _SCAN_COUNT)
            if names:
                keys = [name.decode() for name in names]
                numbers = await self.read(keys)
                found.update((key, number) for key, number in zip(keys, numbers, strict=True) if number is not None)
            if int(cursor) == 0:
                return found

    async def _command(self, *words: str | bytes | int) -> Any:
        if self._clock.seconds() < self._rests_until:
            raise TalliesAway
        answer: Deferred[Any] = Deferred()
        giving_up = self._clock.callLater(PATIENCE_SECONDS, self._give_up, answer)
        asked = Deferred.fromCoroutine(self._redis.command(*words))
        asked.addBoth(lambda result: None if answer.called else answer.callback(result))
        try:
            return await answer
        except RedisAway as away:
            raise TalliesAway from away
        except ResponseError as refusal:  # out of memory, a replica, still loading
            self._log.warn("Redis refuses to count: {refusal}", refusal=str(refusal))
            self._rests_until = self._clock.seconds() + REST_SECONDS
            raise TalliesAway from refusal
        finally:
            if giving_up.active():
                giving_up.cancel()

    def _give_up(self, answer: Deferred[Any]) -> None:
        if not answer.called:
            self._rests_until = self._clock.seconds() + REST_SECONDS
            answer.errback(TalliesAway())


def _milliseconds(keep: timedelta) -> int:
    return max(1, round(keep.total_seconds() * 1000))
