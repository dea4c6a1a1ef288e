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

from shared.runtime.draining_site import DrainingSite
from shared.runtime.timed_channel import TimedChannel

MOST_CONNECTIONS = 64  # some administrators' browsers, with 6 each; some probes and scrapers
MOST_HEAD_OCTETS = 16 * 1024  # cookies of other sites at this host's name come with each request
MOST_FIELDS = 100  # browsers send 20
MOST_BODY_OCTETS = 4096  # nothing here takes one
REQUEST_SECONDS = 30.0  # from the connection, or the response before, to a request's last octet
_END = b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TOO_LARGE = b"HTTP/1.1 413 Content Too Large" + _END
_NO_ROOM = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60" + _END


class BoundedSite(DrainingSite):
    """As Site, within these bounds. A connection too many is closed at once."""

    noisy = False
    displayTracebacks = False

    def __init__(self, resource: IResource, request: type[BoundedRequest] | None = None) -> None:
        """`request` is the kind of requests, if other bounds than usual hold for them."""
        super().__init__(resource, requestFactory=request or BoundedRequest, timeout=None)
        self.protocol = BoundedChannel
        self.open = 0
        self.body_octets = 0  # of the requests that are here

    def buildProtocol(self, addr: Any) -> Any:
        """A channel, if there is a place for one more."""
        return None if self.open >= MOST_CONNECTIONS else super().buildProtocol(addr)


class BoundedChannel(TimedChannel):
    """One connection."""

    totalHeadersSize = MOST_HEAD_OCTETS
    maxHeaders = MOST_FIELDS
    request_seconds = REQUEST_SECONDS
    site: BoundedSite

    def connectionMade(self) -> None:
        """A place is taken."""
        self.site.open += 1
        super().connectionMade()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """A place is free again."""
        self.site.open -= 1
        super().connectionLost(reason)

    def refuse_body(self, answer: bytes) -> None:
        """Read no more of it."""
        self.transport.write(answer)
        self.loseConnection()


class BoundedRequest(Request):
    """One request; its body is read up to a bound, whether its length is said or it comes in chunks.

    The bodies of all requests of the site have a bound, too.
    """

    channel: Any
    most_body_octets = MOST_BODY_OCTETS
    most_octets_of_all = MOST_CONNECTIONS * MOST_BODY_OCTETS
    _body_octets = 0
    _is_refused = False

    def gotLength(self, length: int | None) -> None:
        """Its head is here."""
        self.content = BytesIO()
        if length is not None and length > self.most_body_octets:
            self._refuse(_TOO_LARGE)

    def handleContentChunk(self, data: bytes) -> None:
        """More of its body."""
        if self._is_refused:
            return
        self._body_octets += len(data)
        self.channel.site.body_octets += len(data)
        if self._body_octets > self.most_body_octets:
            self._refuse(_TOO_LARGE)
        elif self.channel.site.body_octets > self.most_octets_of_all:
            self._refuse(_NO_ROOM)
        else:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The whole request has come: answer it, unless it is answered already."""
        if not self._is_refused:
            super().requestReceived(command, path, version)

    def finish(self) -> None:
        """The response is made, and the body gone."""
        self._give_back()
        super().finish()

    def connectionLost(self, reason: Failure) -> None:
        """The client is gone."""
        self._give_back()
        super().connectionLost(reason)

    def _give_back(self) -> None:
        self.channel.site.body_octets -= self._body_octets
        self._body_octets = 0

    def _refuse(self, answer: bytes) -> None:
        if not self._is_refused:
            self._is_refused = True
            self.channel.refuse_body(answer)
