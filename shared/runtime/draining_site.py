"""A web site that is drained when its process ends: the requests that are here are answered."""

from __future__ import annotations

from typing import Any

from twisted.web.http import HTTPChannel
from twisted.web.server import Site


class DrainingChannel(HTTPChannel):
    """One connection; an AdmittingFactory calls `shut_down`."""

    _is_leaving = False
    _is_answering = False

    def allContentReceived(self) -> None:
        """A request is here."""
        self._is_answering = True
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        """Its response is made."""
        self._is_answering = False
        super().requestDone(request)

    def half_closed(self) -> bool:
        """Whether the client, which says no more, gets a response that has not begun; the connection closes behind it.

        What has begun may have no end, and a client that is gone altogether looks the same.
        """
        if not self._is_answering or any(request.startedWriting for request in self.requests):
            return False
        self.persistent = False
        for request in self.requests:
            _announce_close(request)
        return True

    def shut_down(self) -> None:
        """Close behind the response to the request that is here, or is coming; without one, close at once."""
        self._is_leaving = True
        if not self.requests:
            self.loseConnection()
            return
        self.persistent = False
        for request in self.requests:
            if not request.startedWriting:
                _announce_close(request)

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """Whether another request may follow; called once the head of `request` is here."""
        if self._is_leaving:
            _announce_close(request)
            return False
        return bool(super().checkPersistence(request, version))


class DrainingSite(Site):
    """As Site, without HTTP/2; to be put behind a door (`Parts.door`)."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.protocol: Any = DrainingChannel


def _announce_close(request: Any) -> None:
    request.responseHeaders.setRawHeaders(b"connection", [b"close"])  # RFC 9112 §9.6
