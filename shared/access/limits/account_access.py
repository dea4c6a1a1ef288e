"""The limits of one account at the proxy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

PAUSE_SECONDS = 2  # without a burst of its own an account may save up requests for so long


@dataclass(frozen=True, slots=True)
class AccountAccess:
    """None: no limit. `counts_words`: whether what it reads is in the word report."""

    requests_per_second: float | None = None
    burst: int | None = None
    octets_per_day: int | None = None
    connections: int | None = None
    counts_words: bool = True

    @property
    def most_at_once(self) -> float:
        """Requests that may come at once after a pause: a page and its pictures are asked for together."""
        if self.burst is not None:
            return float(self.burst)
        return max(1.0, (self.requests_per_second or 0.0) * PAUSE_SECONDS)


# The values that stand for "no limit" in the table, where NULL in an account's row says "as for everybody".
NO_LIMIT = {
    "requests_per_second": math.inf,
    "burst": 2**31 - 1,
    "octets_per_day": 2**63 - 1,
    "connections": 2**31 - 1,
}
# The columns of an AccountAccess in its own order: `SELECT {COLUMNS} FROM access_limit`, then `access_of(row)`.
NAMES = tuple(field.name for field in fields(AccountAccess))
COLUMNS = ", ".join(NAMES)
NOTHING_SAID = (None,) * len(NAMES)


def access_of(row: Sequence[Any], everybody: AccountAccess | None = None) -> AccountAccess:
    """The limits in a row of `COLUMNS`; where it says nothing those of everybody."""
    others = everybody or AccountAccess()
    values: dict[str, Any] = {
        name: getattr(others, name) if value is None else None if value == NO_LIMIT.get(name) else value
        for name, value in zip(NAMES, row, strict=True)
    }
    return AccountAccess(**values)
