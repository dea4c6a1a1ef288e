"""Passwords that were proved a few minutes ago, remembered as keyed digests, from which they cannot be read."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from datetime import timedelta

from shared.clock import Clock

REMEMBERED_FOR = timedelta(minutes=10)  # mail programs come back every 1 to 10
MOST_REMEMBERED = 20_000  # about 4 MB


class Remembered:
    """A bounded set of keys, each forgotten some minutes after it was put in, however often it is asked for."""

    def __init__(self, clock: Clock, keep: timedelta = REMEMBERED_FOR, most: int = MOST_REMEMBERED) -> None:
        self._clock = clock
        self._keep = keep.total_seconds()
        self._most = most
        self._ends: OrderedDict[bytes, float] = OrderedDict()  # in the order they end

    def add(self, key: bytes) -> None:
        self._ends[key] = self._clock.seconds() + self._keep
        self._ends.move_to_end(key)
        if len(self._ends) > self._most:
            self._ends.popitem(last=False)

    def __contains__(self, key: bytes) -> bool:
        now = self._clock.seconds()
        while self._ends and next(iter(self._ends.values())) <= now:
            self._ends.popitem(last=False)
        return key in self._ends

    def __len__(self) -> int:
        return len(self._ends)


class RememberedKeys:
    """Makes keys that say nothing without this process's memory, and change when the stored hash changes.

    A key stands for "this password against this stored hash", not for an account: whether the account exists, has that
    hash and is enabled is read anew at each sign-in. So a changed password is out of mind at once.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def key(self, credential_id: int, password_hash: str, prepared: str) -> bytes:
        """HMAC-SHA-256; `password_hash` has no NUL, so that nothing can be moved from one part to the next."""
        proved = f"{credential_id}\0{password_hash}\0{prepared}"
        return hmac.digest(self._secret, proved.encode(), "sha256")
