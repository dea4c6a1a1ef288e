"""Connections to origins that belong to one client's connection: an origin has signed somebody in on them.

NTLM and Negotiate sign in a connection and not a request (RFC 4559 §6). For the origin, all requests on such a
connection are that user's, so that it must never serve another client (RFC 9110 §3.3).
"""

from __future__ import annotations

from services.http_proxy.origin_side import OriginSide
from shared.conversation.deadlines import NEVER

# For each connection of a client. Browsers open one for each site that signs in so; with 2, a page of two such sites
# would not work.
MOST_PINNED = 4

PinKey = tuple[int | None, bytes]  # the account, for a proxy before us may carry several over one connection; authority


class Pinned:
    """The idle ones of one client's connection. They end with it."""

    __slots__ = ("_idle",)

    def __init__(self) -> None:
        self._idle: dict[PinKey, OriginSide] = {}  # the one used longest ago first

    def __len__(self) -> int:
        return len(self._idle)

    def take(self, account_id: int | None, authority: bytes) -> OriginSide | None:
        """The one that `account_id` used for `authority` on this client's connection before, or None."""
        origin = self._idle.pop((account_id, authority), None)
        if origin is not None:
            origin.on_gone = None
            origin.deadline = NEVER
        return origin

    def put(self, account_id: int | None, origin: OriginSide) -> None:
        """Keep it for the next request; one more than MOST_PINNED closes the one used longest ago."""
        before = self.take(account_id, origin.key)
        if before is not None:
            before.abort()
        self._idle[account_id, origin.key] = origin
        origin.on_gone = self.forget
        if len(self._idle) > MOST_PINNED:
            oldest = next(iter(self._idle.values()))
            self.forget(oldest)
            oldest.abort()

    def forget(self, origin: OriginSide) -> None:
        """It is gone."""
        origin.on_gone = None
        for key in [key for key, idle in self._idle.items() if idle is origin]:
            del self._idle[key]

    def close(self) -> None:
        """The client is gone: close them all."""
        for origin in list(self._idle.values()):
            self.forget(origin)
            origin.abort()
