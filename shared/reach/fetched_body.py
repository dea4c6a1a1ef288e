"""The body of a fetched document as it comes over the wire; no more than a limit of it is kept."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from shared.reach.fetch_errors import AnswerTooLarge, BrokenAnswer


class FetchedBody(Protocol):
    """`done` gets the body, or AnswerTooLarge, or BrokenAnswer."""

    def __init__(self, most_octets: int) -> None:
        self.done: Deferred[bytes] = Deferred()
        self._most_octets = most_octets
        self._octets = 0
        self._pieces: list[bytes] = []

    def dataReceived(self, data: bytes) -> None:
        """More of it."""
        self._octets += len(data)
        if self._octets <= self._most_octets:
            self._pieces.append(data)
        elif not self.done.called:
            self.done.errback(AnswerTooLarge.than(self._most_octets))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """That is all of it, or it broke off. Without a length, all is what came before the end (RFC 9112 §6.3)."""
        if self.done.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.done.callback(b"".join(self._pieces))
        else:
            self.done.errback(BrokenAnswer("the answer broke off"))
