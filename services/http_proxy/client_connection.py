"""A client's connection before its first request and after its last: who it is, whether there is a place, closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Protocol
from twisted.logger import Logger

from services.http_proxy.errors import Leaving, TooManyConnections
from services.http_proxy.parts import ProxyParts
from services.http_proxy.replies import reply_to, retry_after
from shared.clock import Clock
from shared.conversation import send_at_once
from shared.conversation.admission import Admission
from shared.conversation.counts import Counts, Said
from shared.conversation.deadlines import NEVER
from shared.conversation.ending import Ending
from shared.conversation.limits import Limits
from shared.conversation.peer import Peer, TlsDetails
from shared.errors import DomainError

if TYPE_CHECKING:
    from shared.conversation.factory import ConversationFactory

CLOSING_SECONDS = 20.0  # a client that does not take our last words, or does not close in its turn, is cut off


class ClientConnection(Protocol):
    """Made by a ConversationFactory, which sets clock, limits and counts. `ClientSide` takes the requests."""

    __slots__ = (
        "_admission", "_ahead", "_counts", "_factory", "_gone", "_no_more_input", "_over", "_reading_paused", "_take",
        "clock", "deadline", "limits", "parts", "peer", "tls",
    )  # fmt: skip
    log = Logger()

    transport: Any
    clock: Clock
    limits: Limits
    peer: Peer
    _counts: Counts
    _factory: ConversationFactory

    def __init__(self, parts: ProxyParts) -> None:
        self.parts = parts
        self.deadline = NEVER
        self.tls: TlsDetails | None = None
        self._admission: Admission | None = None  # until it is in
        self._take: Callable[[bytes], None] | None = None  # who gets what comes, if it is no head
        self._ahead = b""  # came behind what is being served
        self._reading_paused = False
        self._no_more_input = False
        self._gone = False
        self._over = False  # being closed: nothing is read any more

    def connectionMade(self) -> None:
        """Find out who it is, and whether there is a place."""
        self.transport.registerProducer(self, True)
        self._admission = admission = Admission(self)
        self._take = admission.take
        admission.begin()

    def entered(self, received: bytes) -> None:
        """Requests may come."""
        self._admission = self._take = None
        self.deadline = self.clock.seconds() + self.parts.patience.idle
        if received:
            self.dataReceived(received)

    def turned_away(self, why: Ending) -> None:
        """There is no place: say so."""
        self._admission = None
        self._refuse(Leaving() if why is Ending.SHUTDOWN else TooManyConnections())

    def handshakeCompleted(self) -> None:
        """TLS is established."""
        if self._admission is not None:
            self._admission.handshake_completed()

    def local_authority(self) -> bytes:
        """The address and port of ours that the client has connected to, as a URL has them."""
        here = Peer.from_address(self.transport.getHost())
        return (f"[{here.host}]:{here.port}" if ":" in here.host else f"{here.host}:{here.port}").encode()

    def send(self, octets: bytes) -> None:
        """Send octets of a response."""
        if not self._gone:
            send_at_once.send(self.transport, octets)

    def _refuse(self, error: DomainError) -> None:
        """Answer what is no request, and close: nobody knows where the next one would begin."""
        reply = reply_to(error)
        self.send(reply.wire(close=True, more=retry_after(error, reply)))
        self._close()

    def said(self) -> Said:
        """Nothing that is counted by connection: requests and their octets are counted by the gate."""
        return Said()

    def say_no_more(self) -> bool:
        """Close our half, once all is sent; False if this connection has no halves."""
        if self.tls is not None or not hasattr(self.transport, "loseWriteConnection"):
            return False
        send_at_once.say_no_more(self.transport)
        return True

    def _close(self) -> None:
        """Close when all is sent. A client that still sends must be heard out, or it misses our last words."""
        if self._over:
            return
        self._over = True
        self._take = _ignore
        self._ahead = b""
        if self._gone:
            return
        self.deadline = self.clock.seconds() + CLOSING_SECONDS
        self.transport.unregisterProducer()
        if self._reading_paused and not self._no_more_input:
            self._reading_paused = False
            self.transport.resumeProducing()
        if self._no_more_input or not self.say_no_more():  # RFC 9112 §9.6
            send_at_once.close(self.transport)

    def cut_off(self) -> None:
        """Close at once, whatever is unsaid."""
        self._over = True
        self._admission = None
        self._take = _ignore
        if not self._gone:
            self.transport.abortConnection()

    def shut_down(self) -> None:
        """Finish what is in hand, then close."""
        raise NotImplementedError

    def time_is_up(self) -> None:
        """The deadline has passed."""
        raise NotImplementedError

    @property
    def _is_arriving(self) -> bool:
        """Whether it has still to say who it is."""
        return self._admission is not None and self._admission.is_waiting


def _ignore(data: bytes) -> None:
    """What comes while the connection is being closed."""
