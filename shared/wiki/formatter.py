"""Formatting pages in processes of their own: one for small pages, one for large ones, each started when needed.

A service starts that for small pages with itself, so that its first reader does not wait for it.
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from shared.wiki.errors import TooMuchToFormat
from shared.wiki.format_page import Formatted
from shared.wiki.format_process import SIZE, Answer, Question

SMALL_CHARACTERS = 64 << 10  # an ordinary page of this size takes 0.1 s
SMALL_SECONDS, LARGE_SECONDS = 4.0, 12.0  # of the processor, for one page; one of 1 MiB takes 4 s
MOST_FORMATTED_CHARACTERS = 1 << 20  # larger pages are shown as they were written
MOST_WAITING = 100  # pages that wait for their turn: seconds of work
WALL_SECONDS = 60.0  # beside others on a busy machine; the processor's time is bounded in the process
_ROOT = Path(__file__).parents[2]


class PageFormatter:
    """One for each process of a service."""

    def __init__(self, reactor: Any) -> None:
        self._small = _Lane(reactor, SMALL_SECONDS)
        self._large = _Lane(reactor, LARGE_SECONDS)

    def start(self) -> None:
        """Have the process for small pages ready."""
        self._small.start()

    async def format(self, name: str, source: str) -> Formatted:
        """Raises TooMuchToFormat."""
        answer = await self._lane(source).ask((name, source))
        if not isinstance(answer, Formatted):
            raise TooMuchToFormat
        return answer

    async def links_in(self, source: str) -> tuple[str, ...]:
        """The names that the page links to; none of a page that is too much to format."""
        try:
            answer = await self._lane(source).ask((None, source))
        except TooMuchToFormat:
            return ()
        return () if answer is None or isinstance(answer, Formatted) else answer

    async def close(self) -> None:
        """End the processes."""
        self._small.close()
        self._large.close()

    def _lane(self, source: str) -> _Lane:
        if len(source) > MOST_FORMATTED_CHARACTERS:
            raise TooMuchToFormat
        return self._small if len(source) <= SMALL_CHARACTERS else self._large


class _Lane:
    def __init__(self, reactor: Any, seconds: float) -> None:
        self._reactor = reactor
        self._seconds = seconds
        self._turn = DeferredLock()
        self._process: _Process | None = None
        self._is_closed = False

    async def ask(self, question: Question) -> Answer:
        """Raises TooMuchToFormat."""
        if len(self._turn.waiting) >= MOST_WAITING or self._is_closed:
            raise TooMuchToFormat
        await self._turn.acquire()
        try:
            answering = self._running().ask(pickle.dumps(question))
            written = await answering.addTimeout(WALL_SECONDS, self._reactor, lambda _failure, _seconds: b"")
        finally:
            self._turn.release()
        answer: Answer = pickle.loads(written) if written else None
        if answer is None:
            raise TooMuchToFormat
        return answer

    def start(self) -> None:
        self._running()

    def close(self) -> None:
        self._is_closed = True
        if self._process is not None:
            self._process.end()

    def _running(self) -> _Process:
        if self._process is None or self._process.has_ended:
            self._process = _Process()
            command = [sys.executable, "-m", "shared.wiki.format_process", str(self._seconds)]
            self._reactor.spawnProcess(self._process, sys.executable, command, dict(os.environ), str(_ROOT))
        return self._process


class _Process(ProcessProtocol):
    """Asked one question at a time; the answer is empty if the process ends before."""

    transport: Any  # the interface's methods have no self

    def __init__(self) -> None:
        self.has_ended = False
        self._received = bytearray()
        self._answer: Deferred[bytes] | None = None

    def ask(self, question: bytes) -> Deferred[bytes]:
        self._answer = Deferred(lambda _answer: self.end())
        self._received.clear()
        self.transport.write(SIZE.pack(len(question)) + question)
        return self._answer

    def end(self) -> None:
        """Kill it."""
        self.has_ended = True
        with suppress(ProcessExitedAlready):
            self.transport.signalProcess("KILL")

    def outReceived(self, data: bytes) -> None:
        """Keep a piece of the answer, until all of it is here."""
        self._received += data
        if len(self._received) >= SIZE.size:
            [octets] = SIZE.unpack_from(self._received)
            if len(self._received) == SIZE.size + octets:
                self._tell(bytes(self._received[SIZE.size :]))

    def errReceived(self, data: bytes) -> None:
        """What it says before its end is not for anybody."""

    def outConnectionLost(self) -> None:
        """It has ended, by its limits maybe."""
        self.has_ended = True
        self._tell(b"")

    def processEnded(self, reason: Failure) -> None:
        """It is gone."""
        self.outConnectionLost()

    def _tell(self, answer: bytes) -> None:
        if self._answer is not None and not self._answer.called:
            self._answer.callback(answer)
