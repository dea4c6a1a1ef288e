"""The factory of connections of Perspective Broker, to be put behind a door (`Parts.door`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.protocol import Factory

from services.wiki.calls.replies import reply_to
from services.wiki.pb.connection import PbConnection
from services.wiki.pb.exposed import Exposed
from shared.clock import Clock
from shared.errors import DomainError


class PbFactory(Factory):
    """Makes a connection for each client."""

    noisy = False

    def __init__(self, clock: Clock, root: Callable[[PbConnection], Exposed]) -> None:
        self._clock = clock
        self._root = root

    def buildProtocol(self, addr: Any) -> PbConnection:
        """A connection; its root object is made when it is there."""
        return PbConnection(self._clock, self._root, refusal_of)


def refusal_of(error: DomainError) -> tuple[int, str]:
    """The status of an error, and our words with the diff of a conflict."""
    reply = reply_to(error)
    return reply.status, f"{reply.sentence}\n\n{reply.diff}" if reply.diff else reply.sentence
