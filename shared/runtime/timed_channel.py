"""A connection of a web site on which a request must be here in time; twisted.web waits anew for each octet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from shared.clock import Call
from shared.runtime.draining_site import DrainingChannel


class TimedChannel(DrainingChannel):
    """One connection. Making a response may take its time; waiting for a request may take `request_seconds`.

    They count from the connection, or from the response before; `await_request` lets them begin anew.
    """

    request_seconds: float
    transport: Any
    _due: Call | None = None

    def connectionMade(self) -> None:
        """The time of the first request begins."""
        super().connectionMade()
        self.await_request()

    def allContentReceived(self) -> None:
        """A request is here."""
        self.stop_waiting()
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        """The response is made: the client takes it, and sends its next request, in time."""
        super().requestDone(request)
        if getattr(self.transport, "connected", True):
            self.await_request()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is gone."""
        self.stop_waiting()
        super().connectionLost(reason)

    def await_request(self) -> None:
        """The time begins anew."""
        self.then(self.request_seconds, self.forceAbortClient)

    def then(self, seconds: float, call: Callable[[], object]) -> None:
        """Do that after so long, unless the request is here by then; it takes the place of what was to be done."""
        self.stop_waiting()
        self._due = self.callLater(seconds, call)

    def stop_waiting(self) -> None:
        """There is no hurry any more."""
        due, self._due = self._due, None
        if due is not None and due.active():
            due.cancel()
