"""The handover to a worker process: its number, the bound sockets, and pipes by which each sees the other end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from twisted.internet.interfaces import IReadDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.runtime.sockets import Sockets

VARIABLE = "AGORA_WORKER"  # between our own processes, not a setting


@dataclass(frozen=True, slots=True)
class Handover:
    """What a worker gets from its parent.

    The other end of its standard input is the parent's: when it ends, the parent is gone.
    """

    number: int
    sockets: Sockets
    ready_descriptor: int

    def tell_ready(self) -> None:
        """The doors are open."""
        os.write(self.ready_descriptor, b"ready\n")
        os.close(self.ready_descriptor)

    @classmethod
    def take(cls, environment: MutableMapping[str, str]) -> Handover | None:
        """The handover to this process; None if it is no worker."""
        text = environment.pop(VARIABLE, None)
        if text is None:
            return None
        given = json.loads(text)
        return cls(given["number"], Sockets.from_json(json.dumps(given["sockets"])), given["ready"])


def hand_over(number: int, sockets: Sockets, ready_descriptor: int) -> Mapping[str, str]:
    """The environment variable that hands all of it to one worker."""
    given = {"number": number, "sockets": json.loads(sockets.to_json()), "ready": ready_descriptor}
    return {VARIABLE: json.dumps(given)}


@implementer(IReadDescriptor)
class ParentWatch:
    """Calls `when_gone` when the parent has ended, however it ended: standard input is a pipe that it holds."""

    def __init__(self, reactor: Any, when_gone: Callable[[], None]) -> None:
        self._reactor = reactor
        self._when_gone = when_gone

    def fileno(self) -> int:
        """Standard input."""
        return 0

    def doRead(self) -> None:
        """The parent never writes, so that something to read is the end."""
        if not os.read(0, 1):
            self._reactor.removeReader(self)
            self._when_gone()

    def connectionLost(self, reason: Failure) -> None:
        """The reactor has found the pipe broken."""
        self._when_gone()

    def logPrefix(self) -> str:
        """For Twisted's log."""
        return "parent"
