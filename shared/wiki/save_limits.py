"""The greatest numbers of saves by an account, or by a network of strangers, in an hour.

Each process counts for itself, so that a save waits for nobody.
"""

from __future__ import annotations

from datetime import timedelta

from shared.accounts.tallies import MemoryTallies
from shared.clock import Clock
from shared.wiki.errors import TooManySaves
from shared.wiki.page import Author

HOUR = timedelta(hours=1)
# A member's script that brings a wiki over is one of the thousands. Behind one address there may be an office.
MOST_OF_ACCOUNT = 100_000
MOST_OF_NETWORK = 200


class SaveLimits:
    """Counts saves; the oldest counts are forgotten when there are too many (shared/accounts/tallies.py)."""

    def __init__(self, clock: Clock, of_account: int = MOST_OF_ACCOUNT, of_network: int = MOST_OF_NETWORK) -> None:
        self._tallies = MemoryTallies(clock)
        self._of_account = of_account
        self._of_network = of_network

    async def count(self, author: Author) -> None:
        """One more save. Raises TooManySaves."""
        if author.account is not None:
            key, most = f"account:{author.account.id}", self._of_account
        else:
            key, most = f"network:{author.network}", self._of_network
        if await self._tallies.increment(key, HOUR) > most:
            error = TooManySaves("too many pages were saved within an hour")
            error.retry_after = HOUR
            raise error
