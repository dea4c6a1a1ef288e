"""The greatest numbers of articles that an account, or a network of strangers, posts in an hour.

Each process counts for itself, so that a post waits for nobody.
"""

from __future__ import annotations

from datetime import timedelta

from shared.accounts.tallies import MemoryTallies
from shared.bounded_cache import remembers
from shared.clock import Clock
from shared.conversation.peer import Peer
from shared.ip_network import network_of
from shared.rooms.errors import TooManyPosts
from shared.rooms.reader import Reader

HOUR = timedelta(hours=1)
# A member who posts an article every four seconds is a program. Behind one address there may be an office.
MOST_OF_ACCOUNT = 1_000
MOST_OF_NETWORK = 200


class PostLimits:
    """Counts what is posted; the oldest counts are forgotten when there are too many (shared/accounts/tallies.py)."""

    def __init__(self, clock: Clock, of_account: int = MOST_OF_ACCOUNT, of_network: int = MOST_OF_NETWORK) -> None:
        self._tallies = MemoryTallies(clock)
        self._of_account = of_account
        self._of_network = of_network

    async def count(self, reader: Reader, host: str) -> None:
        """One more article. Raises TooManyPosts. This machine's own programs have no limit unless they sign in."""
        if reader.account_id is not None:
            key, most = f"account:{reader.account_id}", self._of_account
        elif not host or _is_here(host):
            return
        else:
            key, most = f"network:{network_of(host)}", self._of_network
        if await self._tallies.increment(key, HOUR) > most:
            raise TooManyPosts


@remembers(most=1024)
def _is_here(host: str) -> bool:
    return Peer(host, 0).is_loopback
