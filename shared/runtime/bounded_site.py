"""A web site for few: so many connections, small requests, and a time by which a request must be here.

twisted.web alone bounds heads only: it takes any number of connections, keeps a body of any size in a temporary file,
and waits anew for each octet.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.resource import IResource
from twisted.web.server import Request

from shared.clock import Call
from shared.runtime.draining_site import DrainingChannel, DrainingSite

MOST_CONNECTIONS = 64  # some administrators' browsers, with 6 each; some probes and scrapers
MOST_HEAD_OCTETS = 16 * 1024  # cookies of other sites at this host's name come with each request
MOST_FIELDS = 100  # browsers send 20
MOST_BODY_OCTETS = 4096  # nothing here takes one
REQUEST_SECONDS = 30.0  # from the connection, or the response before, to a request's last octet
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class BoundedSite(DrainingSite):
    """As Site, within these bounds. A connection too many is closed at once."""

    noisy = False
    displayTracebacks = False

    def __init__(self, resource: IResource) -> None:
        super().__init__(resource, requestFactory=BoundedRequest, timeout=None)
        self.protocol = BoundedChannel
        self.open = 0

    def buildProtocol(self, addr: Any) -> Any:
        """A channel, if there is a place for one more."""
        return None if self.open >= MOST_CONNECTIONS else super().buildProtocol(addr)


class BoundedChannel(DrainingChannel):
    """One connection."""

    totalHeadersSize = MOST_HEAD_OCTETS
    maxHeaders = MOST_FIELDS
    site: BoundedSite
    transport: Any
    _due: Call | None = None

    def connectionMade(self) -> None:
        """The time of the first request begins."""
        self.site.open += 1
        super().connectionMade()
        self._wait_for_request()

    def allContentReceived(self) -> None:
        """A request is here: making the response may take its time."""
        self._stop_waiting()
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        """The response is made: the client takes it, and sends its next request, in time."""
        super().requestDone(request)
        if self.transport.connected:
            self._wait_for_request()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """A place is free again."""
        self.site.open -= 1
        self._stop_waiting()
        super().connectionLost(reason)

    def refuse_body(self) -> None:
        """Read no more of what is too large."""
        self.transport.write(_TOO_LARGE)
        self.loseConnection()

    def _wait_for_request(self) -> None:
        self._stop_waiting()
        self._due = self.callLater(REQUEST_SECONDS, self.forceAbortClient)

    def _stop_waiting(self) -> None:
        due, self._due = self._due, None
        if due is not None and due.active():
            due.cancel()


class BoundedRequest(Request):
    """One request; its body is read up to a bound, whether its length is said or it comes in chunks."""

    channel: Any
    _body_octets = 0
    _is_refused = False

    def gotLength(self, length: int | None) -> None:
        """Its head is here."""
        self.content = BytesIO()
        if length is not None and length > MOST_BODY_OCTETS:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """More of its body."""
        self._body_octets += len(data)
        if self._body_octets > MOST_BODY_OCTETS:
            self._refuse()
        elif not self._is_refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The whole request has come: answer it, unless it is answered already."""
        if not self._is_refused:
            super().requestReceived(command, path, version)

    def _refuse(self) -> None:
        if not self._is_refused:
            self._is_refused = True
            self.channel.refuse_body()
