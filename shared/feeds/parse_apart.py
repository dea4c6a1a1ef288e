"""Parsing a feed so that it takes no more than so much time and memory: small ones here, large ones in a process of
their own (parse_process.py).
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredSemaphore
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from shared.feeds.errors import NotAFeed, TooMuchWork
from shared.feeds.feed import Feed
from shared.feeds.parse import parse_feed
from shared.feeds.parse_process import CPU_SECONDS
from shared.runtime.in_thread import in_thread

SMALL_OCTETS = 128 << 10  # the worst document of this size takes 2 s of a thread; most feeds are smaller
MOST_PROCESSES = 2  # at a time, whatever is fetched: each may take 1 GiB and a core
MOST_SECONDS = 75.0  # with the wait for a place: the lease of a feed is 120 s, of which fetching it takes up to 30
_ROOT = Path(__file__).parents[2]


class FeedParser:
    """One for each process that asks feeds."""

    def __init__(self, reactor: Any, cpu_seconds: int = CPU_SECONDS, seconds: float = MOST_SECONDS) -> None:
        self._reactor = reactor
        self._cpu_seconds = cpu_seconds
        self._seconds = seconds
        self._places = DeferredSemaphore(MOST_PROCESSES)

    async def parse(self, octets: bytes, content_type: str, url: str) -> Feed:
        """Read what was fetched from `url`. Raises NotAFeed; TooMuchWork at the limits of parse_process.py."""
        if len(octets) <= SMALL_OCTETS:
            return await in_thread(self._reactor, parse_feed, octets, content_type, url)
        taking = Deferred.fromCoroutine(self._in_turn(pickle.dumps((octets, content_type, url))))
        written = await taking.addTimeout(self._seconds, self._reactor, lambda _failure, _seconds: b"")
        if not written:
            raise TooMuchWork("the document takes too much time or memory to read")
        feed: Feed | None = pickle.loads(written)
        if feed is None:
            raise NotAFeed
        return feed

    async def _in_turn(self, given: bytes) -> bytes:
        await self._places.acquire()
        try:
            return await self._run(given)
        finally:
            self._places.release()

    def _run(self, given: bytes) -> Deferred[bytes]:
        process = _Process(given)
        command = [sys.executable, "-m", "shared.feeds.parse_process", str(self._cpu_seconds)]
        self._reactor.spawnProcess(process, sys.executable, command, dict(os.environ), str(_ROOT))
        return process.written


class _Process(ProcessProtocol):
    """`written`: all that the process has written when it ends; nothing if it did not come to that."""

    transport: Any  # the interface's methods have no self

    def __init__(self, given: bytes) -> None:
        self._given = given
        self._pieces: list[bytes] = []
        self.written: Deferred[bytes] = Deferred(lambda _written: self._kill())

    def connectionMade(self) -> None:
        """Hand it the document."""
        self.transport.write(self._given)
        self.transport.closeStdin()
        self._given = b""

    def outReceived(self, data: bytes) -> None:
        """Keep a piece of the result."""
        self._pieces.append(data)

    def outConnectionLost(self) -> None:
        """All is there that will come."""
        if not self.written.called:
            self.written.callback(b"".join(self._pieces))

    def processEnded(self, reason: Failure) -> None:
        """It is gone; what it wrote has come before."""
        self.outConnectionLost()

    def _kill(self) -> None:
        with suppress(ProcessExitedAlready):
            self.transport.signalProcess("KILL")
