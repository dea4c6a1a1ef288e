"""The cache of whole messages, which a process's sessions share; what is not in it is read from the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.bounded_cache import BoundedCache
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies

LARGEST_OCTETS = 256 * 1024  # a body larger than this would push out a hundred ordinary ones
OBJECT_OCTETS = 100  # what CPython adds to a bytes or str and its place in a dictionary, about


class BodyCache:
    """One cache for all doors of a process: a message never changes, and is the same octets at each door."""

    def __init__(self, database: Database, octets: int) -> None:
        self._database = database
        self._cache: BoundedCache[int, bytes] = BoundedCache(octets, lambda body: len(body) + OBJECT_OCTETS)

    async def load(self, message_ids: Sequence[int]) -> Mapping[int, bytes]:
        """The octets of messages, all together small enough to be held; those that are purged are left out.

        Raises StoreUnavailable, StatementTimedOut.
        """
        known = self._cache.pick(message_ids)  # now: what is kept below makes it forget others
        missing = [number for number in dict.fromkeys(message_ids) if number not in known]
        if not missing:
            return known
        loaded = await self._database.read(_load, missing)
        self._cache.put_all({number: body for number, body in loaded.items() if len(body) <= LARGEST_OCTETS})
        return {**known, **loaded}

    def get(self, message_id: int) -> bytes | None:
        """One of them, if it is in the cache."""
        return self._cache.get(message_id)

    def pick(self, message_ids: Iterable[int]) -> dict[int, bytes]:
        """Those that are in the cache."""
        return self._cache.pick(message_ids)


def _load(tx: Transaction, message_ids: Sequence[int]) -> dict[int, bytes]:
    return dict(load_bodies(tx, message_ids))
