"""A connection that came by a door, which every protocol has in common: its way in, its time, and how it closes."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.clock import Clock
from shared.conversation import send_at_once
from shared.conversation.admission import Admission
from shared.conversation.counts import Said
from shared.conversation.deadlines import NEVER
from shared.conversation.ending import Ending
from shared.conversation.factory import ConversationFactory
from shared.conversation.kernel_counts import kernel_counts
from shared.conversation.limits import Limits
from shared.conversation.peer import Peer, TlsDetails

CLOSING_SECONDS = 20.0  # a client that does not take our last words, or does not close in its turn, is cut off


@implementer(IHandshakeListener)
class DoorConnection(Protocol):
    """A `Talk`, made by a ConversationFactory, which sets factory, clock and limits."""

    __slots__ = (
        "_admission", "_gone", "_no_more_input", "_over", "_reading_paused", "clock", "deadline", "factory", "limits",
        "number", "peer", "since", "tls",
    )  # fmt: skip

    factory: ConversationFactory
    transport: Any  # ITransport, ITCPTransport, ITLSTransport, IConsumer and IPushProducer in one
    clock: Clock
    limits: Limits
    number: int
    since: float
    peer: Peer
    tls: TlsDetails | None
    deadline: float

    def __init__(self) -> None:
        self.deadline = NEVER
        self.tls = None
        self._admission: Admission | None = None  # until it is in
        self._reading_paused = False  # we asked the transport to read no more
        self._no_more_input = False  # the client closed its side, or the connection is gone
        self._gone = False
        self._over = False  # nothing is read any more, the connection is being closed

    # What a protocol says

    def entered(self, received: bytes) -> None:
        """The connection is admitted, over TLS if the door wants that, and `received` has come already."""
        raise NotImplementedError

    def turned_away(self, why: Ending) -> None:
        """There is no place for it: say so, and close."""
        raise NotImplementedError

    def half_closed(self) -> None:
        """The client will say no more, but may still listen. Called if the protocol is an IHalfCloseableProtocol."""
        raise NotImplementedError

    def timed_out(self) -> None:
        """The client was silent or slow for too long."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Finish what is in hand, then close."""
        raise NotImplementedError

    def said(self) -> Said:
        """What went to and fro so far."""
        return kernel_counts(self.transport)

    def account_name(self) -> str:
        """The account that has signed in; "" if none has."""
        return ""

    def stage(self) -> str:
        """Where the protocol is, in a word or two, for administrators."""
        return "open"

    @property
    def is_over(self) -> bool:
        """Whether nothing is read any more."""
        return self._over or self._gone

    def state_name(self) -> str:
        """Where the connection is: on its way in, on its way out, or where the protocol says."""
        if self._admission is not None:
            return "arriving"
        return "closing" if self.is_over else self.stage()

    # The way in

    def connectionMade(self) -> None:
        """Find out whose it is, and whether there is a place."""
        self._admission = admission = Admission(self)
        admission.begin()

    def handshakeCompleted(self) -> None:
        """TLS is established."""
        self.tls = TlsDetails.of(self.transport)
        if self._admission is not None:
            self.admitted(b"")

    def admitted(self, received: bytes) -> None:
        """There is a place, and the line is secured: the protocol's turn."""
        self._admission = None
        self.deadline = NEVER
        self.entered(received)

    def refused(self, why: Ending) -> None:
        """There is no place."""
        self._admission = None
        self.deadline = NEVER
        self.turned_away(why)

    # The end

    def close(self, *, hears_out: bool) -> None:
        """Close when all is sent.

        What a client still sends is read first. If we closed before it has finished, its system might drop our last
        words (RFC 1122 §4.2.2.13, RFC 9112 §9.6).
        """
        self._over = True
        self._admission = None
        if self._gone:
            return
        self.deadline = self.clock.seconds() + CLOSING_SECONDS
        self.transport.unregisterProducer()
        if self._reading_paused and not self._no_more_input:
            self._reading_paused = False
            self.transport.resumeProducing()
        if not hears_out or self._no_more_input or not self.say_no_more():
            send_at_once.close(self.transport)

    def say_no_more(self) -> bool:
        """Close our half, once all is sent; False if this connection has no halves."""
        if self.tls is not None or not hasattr(self.transport, "loseWriteConnection"):
            return False
        send_at_once.say_no_more(self.transport)
        return True

    def cut_off(self) -> None:
        """Close at once, without what is not sent yet."""
        if not self._gone:
            self.transport.abortConnection()

    def readConnectionLost(self) -> None:
        """The client will say no more."""
        self._no_more_input = True
        if self._over:
            send_at_once.close(self.transport)
        elif self._admission is None:
            self.half_closed()
        else:
            self.cut_off()

    def writeConnectionLost(self) -> None:
        """We closed our side; nothing follows from that."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone; the protocol lets the factory forget it, once nothing of it is under way."""
        self._admission = None
        self._no_more_input = self._gone = True

    def time_is_up(self) -> None:
        """The deadline has passed: while it arrives or closes there is nothing to say."""
        self.deadline = NEVER
        if self._over:
            self.cut_off()
            return
        self.factory.counts.timed_out += 1
        if self._admission is None:
            self.timed_out()
        else:
            self.cut_off()
