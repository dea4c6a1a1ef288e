"""The lanes of a process, and the connections that work for them: as many as may be, where jobs wait."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger

from shared.outbound.claim import QueuedRecipient
from shared.outbound.lane import Lane
from shared.outbound.lane_connection import LaneConnection
from shared.outbound.remote_reply import ServerFault
from shared.outbound.routes import Route

CLOSE_SECONDS = 3.0  # what is under way may end; then its connections are dropped


class Lanes:
    """A lane for each route that is in use."""

    _log = Logger()

    def __init__(
        self, connection: Callable[[Lane], LaneConnection], reactor: Any, *, most_connections: int, most_of_host: int
    ) -> None:
        """`connection` makes a connection for a lane; of all `most_connections` a lane has at most `most_of_host`."""
        self._connection = connection
        self._reactor = reactor
        self._most_connections = most_connections
        self._most_of_host = most_of_host
        self._lanes: dict[Hashable, Lane] = {}
        self._working: set[LaneConnection] = set()
        self._is_closed = False

    def add(self, route: Route, recipients: Sequence[QueuedRecipient]) -> None:
        """Send to them by this route; when the process closes, nothing is begun."""
        if self._is_closed:
            return
        lane = self._lanes.get(route.key)
        if lane is None:
            lane = self._lanes[route.key] = Lane(route, self._reactor)
        lane.add(recipients)
        self._staff(lane)

    async def close(self) -> None:
        """Begin nothing more; let what is under way end for some seconds, and then break it off."""
        self._is_closed = True
        for lane in list(self._lanes.values()):
            lane.take_all()
            lane.close()
        deadline = self._reactor.seconds() + CLOSE_SECONDS
        while self._working and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, 0.02)
        for connection in list(self._working):
            connection.end(ServerFault("this server shuts down"))

    def _staff(self, lane: Lane) -> None:
        """Begin connections for what waits, as many as may be."""
        while (
            lane.has_work
            and lane.connections < self._most_of_host
            and len(self._working) < self._most_connections
            and not self._is_closed
        ):
            self._begin(lane)

    def _begin(self, lane: Lane) -> None:
        connection = self._connection(lane)
        lane.connections += 1
        self._working.add(connection)
        working: Deferred[None] = Deferred.fromCoroutine(connection.work())
        working.addErrback(lambda failure: self._log.failure("a connection for mail has failed", failure))
        working.addBoth(lambda _result: self._worked(connection))

    def _worked(self, connection: LaneConnection) -> None:
        lane = connection.lane
        lane.connections -= 1
        self._working.discard(connection)
        if lane.is_done:
            self._lanes.pop(lane.route.key, None)
        for each in [lane, *self._lanes.values()]:
            if len(self._working) >= self._most_connections:
                break
            self._staff(each)
