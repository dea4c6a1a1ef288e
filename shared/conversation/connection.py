"""A conversation as Twisted sees it: octets in and out, back-pressure both ways, and waiting with a deadline."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Generator
from enum import Enum, auto
from time import perf_counter
from typing import Final

from twisted.internet.defer import succeed
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.conversation.compression import Deflater, Inflater
from shared.conversation.counts import Said
from shared.conversation.door_connection import DoorConnection
from shared.conversation.ending import Ended, Ending
from shared.conversation.inbox import Inbox
from shared.conversation.intake import UNBOUNDED, Claim
from shared.conversation.send_at_once import sent_at_once
from shared.conversation.shown import Shown
from shared.give_way import next_turn

UNREAD_OCTETS = 64 * 1024  # one receive of Twisted's: with more unread the client has to wait
LF = 10  # an octet is looked for by its number in a quarter of the time that it takes as bytes
GATHERED_OCTETS = 64 * 1024  # replies are sent together up to here, where Twisted, too, calls its buffer full


class Wanted(Enum):
    """The kinds of arrival that the coroutine waits for."""

    LINE = auto()
    LINE_OR_WAKE = auto()
    OCTETS = auto()
    ROOM = auto()
    HANDSHAKE = auto()


LINE, LINE_OR_WAKE, OCTETS, ROOM, HANDSHAKE = Wanted  # Python 3.11 looks a member up in 75 ns, five times a line
LINES = (LINE, LINE_OR_WAKE)
INPUT = (LINE, LINE_OR_WAKE, OCTETS)


class Pause:
    """The object that the coroutine yields when it waits for its client; a Deferred would cost twice as much."""

    __slots__ = ()

    def __await__(self) -> Generator[Pause, None, None]:
        yield self


PAUSE: Final = Pause()


@implementer(IPushProducer, IHalfCloseableProtocol)
class Connection(DoorConnection):
    """A transport with an inbox, gathered writes, and one waiting coroutine.

    The coroutine awaits `_arrival(...)`; what it waits for, the deadline or the connection's end wakes it, and it looks
    for itself what has happened.
    """

    __slots__ = (
        "_clogged", "_deflater", "_ending", "_gathered", "_gathered_octets", "_handshaken", "_inbox",
        "_inflater", "_lines", "_octets_in", "_octets_out", "_talking", "_turn_ends", "_unsent_octets", "_waiting",
        "_wanted", "_woken", "claim", "shown",
    )  # fmt: skip

    claim: Claim

    def __init__(self) -> None:
        super().__init__()
        self.shown: Shown | None = None  # to an administrator
        self.claim = UNBOUNDED  # until it is known who the client is
        self._inbox = Inbox()
        self._gathered: list[bytes] = []
        self._gathered_octets = 0
        self._unsent_octets = 0  # handed to the transport since it was last known to be empty
        self._lines = 0  # that were read as commands
        self._octets_in = self._octets_out = 0  # between TLS and compression
        self._waiting = False  # the coroutine waits for `_wanted`, and for nothing else
        self._wanted = LINE
        self._ending: Ending | None = None
        self._clogged = False  # the transport asked us to write no more
        self._woken = False
        self._talking = False  # the coroutine is running right now
        self._turn_ends = 0.0  # by `perf_counter`: how long it may go on with what the client sent ahead
        self._handshaken = False
        self._inflater: Inflater | None = None
        self._deflater: Deflater | None = None

    def said(self) -> Said:
        """What went to and fro so far."""
        return Said(self._lines, self._octets_in, self._octets_out)

    # Input

    def dataReceived(self, data: bytes) -> None:
        """Keep what came; wake the coroutine if it waits for it; pause the client if nothing is read."""
        if self._over:
            return
        if self._admission is not None:
            self._admission.take(data)
            return
        self._octets_in += len(data)
        if self._inflater is None:
            self._inbox.append(data)
            may_end_line = self._wanted is OCTETS or LF in data
        else:
            self._inflater.add(data)
            self._inflate()
            may_end_line = True
        if self._waiting and (
            self._wanted is OCTETS
            or (self._wanted in LINES and (may_end_line or len(self._inbox) >= self.limits.line_octets))
        ):
            self._resume()
        if not self._reading_paused and (not self._waiting or self._wanted not in INPUT) and self._has_enough():
            self._reading_paused = True
            self.transport.pauseProducing()

    def _has_enough(self) -> bool:
        """Whether the client should wait: much is unread, and the coroutine does not wait for more of it."""
        if self._over or (self._waiting and self._wanted in INPUT):
            return False  # what it waits for is bounded by the limits
        return len(self._inbox) > UNREAD_OCTETS or self._has_more_inside()

    def _has_more_inside(self) -> bool:
        return self._inflater is not None and self._inflater.has_more

    def _inflate(self) -> None:
        """Move one bounded step of compressed input to the inbox."""
        assert self._inflater is not None
        try:
            self._inbox.append(self._inflater.take())
        except zlib.error:
            self._end(Ending.GARBLED)

    def half_closed(self) -> None:
        """What the client has said is answered."""
        if self._waiting and self._wanted is not ROOM:
            self._resume()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone, and the coroutine hears of it when it next waits."""
        super().connectionLost(reason)
        self._resume()

    # Waiting

    def _arrival(self, wanted: Wanted) -> Awaitable[None]:
        """An awaitable for what is wanted, for this conversation's own coroutine. It may end early: look again.

        Raises Ended when what is wanted will not come any more.
        """
        if self._ending is not None and (self._ending is not Ending.SHUTDOWN or wanted in LINES):
            raise Ended(self._ending)
        if wanted in INPUT and self._has_more_inside():
            self._inflate()
            return next_turn(self.clock) if perf_counter() >= self._turn_ends else succeed(None)
        if self._gone or (self._no_more_input and wanted is not ROOM):
            raise Ended(Ending.CLIENT_LEFT)
        self._waiting = True
        self._wanted = wanted
        if self._reading_paused and not self._has_enough():
            self._resume_reading()
        return PAUSE

    def _resume_reading(self) -> None:
        self._reading_paused = False
        if not self._no_more_input:
            self.transport.resumeProducing()

    def _resume(self) -> None:
        """Let the coroutine look again, if it waits."""
        if self._waiting:
            self._waiting = False
            if not self._talking:  # otherwise it looks before it begins to wait
                self._go_on()

    def _go_on(self) -> None:
        """Run the coroutine until it waits again."""
        raise NotImplementedError

    def _end(self, ending: Ending) -> None:
        """End the conversation when it next waits for its client; a shutdown spares what is in the middle."""
        if self._ending is None or self._ending is Ending.SHUTDOWN:
            self._ending = ending
        if ending is not Ending.SHUTDOWN or self._wanted in LINES:
            self._resume()

    def handshakeCompleted(self) -> None:
        """TLS is established."""
        super().handshakeCompleted()
        self._handshaken = True
        if self._wanted is HANDSHAKE:
            self._resume()

    # Output

    def write(self, data: bytes) -> None:
        """Send `data`, together with what else is written before the coroutine waits for anything."""
        self._gathered.append(data)
        self._gathered_octets = octets = self._gathered_octets + len(data)
        if octets >= GATHERED_OCTETS or not self._talking:
            self._flush()

    def _flush(self) -> None:
        """Hand everything gathered to the transport."""
        gathered = self._gathered
        if not gathered:
            return
        octets = gathered[0] if len(gathered) == 1 else b"".join(gathered)
        gathered.clear()
        self._gathered_octets = 0
        if self._gone or not octets:
            return
        if self.shown is not None:
            self.shown.sent(octets)
        if self._deflater is not None:
            octets = self._deflater.deflate(octets)
        self._octets_out += len(octets)
        if not self._talking:
            octets = sent_at_once(self.transport, octets)
        if octets:
            self._unsent_octets += len(octets)
            self.transport.write(octets)

    def pauseProducing(self) -> None:
        """The transport's buffer is full: `drain` waits from now on."""
        self._clogged = True

    def resumeProducing(self) -> None:
        """The transport's buffer is empty: `drain` may return."""
        self._clogged = False
        self._unsent_octets = 0
        if self._wanted is ROOM:
            self._resume()

    def stopProducing(self) -> None:
        """The transport takes no more; `connectionLost` follows."""
