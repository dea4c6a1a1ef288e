"""What one account may use of the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PAUSE_SECONDS = 2  # without a burst of its own an account may save up the requests of so long


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


# The columns of an AccountAccess in its own order: `SELECT {COLUMNS} FROM access_limit`, then `access_of(row)`.
COLUMNS = "requests_per_second, burst, octets_per_day, connections, counts_words"


def access_of(row: tuple[Any, ...]) -> AccountAccess:
    """The limits in a row of `COLUMNS`."""
    return AccountAccess(*row)
