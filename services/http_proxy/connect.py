"""A new connection to an origin: to every address that may be reached, but to none of this proxy's own doors."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from services.http_proxy.errors import Loop
from services.http_proxy.origin_side import OriginSide
from shared.errors import DomainError
from shared.reach.connector import Connecting, Connector, Permits, Refusal
from shared.reach.names import Names
from shared.reach.race import Outcome


class OriginConnector:
    """Connects to origins."""

    def __init__(self, reactor: Any, names: Names, permits: Permits, is_self: Callable[[str, int], bool]) -> None:
        """`permits` judges an address, `is_self` tells whether it and a port are this stack's own."""

        def loop(address: str, port: int) -> DomainError | None:
            return Loop() if is_self(address, port) else None

        self.names = names
        self._connector = Connector(reactor, permits, names=names, forbids=loop)

    def connect(
        self, key: bytes, host: str, port: int, client: Hashable, refusal: Refusal, outcome: Outcome[OriginSide]
    ) -> Connecting[OriginSide]:
        """Connect to `host`, the origin of the authority `key`, for `client`.

        `refusal` may keep this request from an address that others may go to. `outcome` gets the connection or the
        error, maybe before this returns: those of Connector.begin, and Loop.
        """
        deadlines = self._connector.deadlines
        return self._connector.begin(
            host, port, client, lambda address: OriginSide(key, address, deadlines), refusal, outcome
        )
