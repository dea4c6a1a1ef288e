"""The connection to an origin: its responses as they come, for the exchange that has it at the moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from services.http_proxy.errors import BadAnswer, BadMessage
from services.http_proxy.fields import UNTIL_CLOSE
from services.http_proxy.framing import BodyReader, UntilClose, reader_of
from services.http_proxy.origin_owner import OriginAsker, OriginOwner, OriginTunnel
from services.http_proxy.response_buffer import ResponseBuffer
from services.http_proxy.response_head import SWITCHING
from shared.conversation import send_at_once
from shared.conversation.deadlines import NEVER, Deadlines

SMALL_READ_OCTETS = 64 * 1024  # Twisted's own
BIG_READ_OCTETS = 256 * 1024  # for who fills the small one: fewer turns of the reactor for a long body


@implementer(IPushProducer, IHalfCloseableProtocol)
class OriginSide(Protocol):
    """One connection to `key`, an authority, at `address`. In an exchange, in the pool, or half of a tunnel."""

    __slots__ = (
        "_begun", "_deadlines", "_heads", "_lost", "_may_keep", "_reader", "_take", "address", "deadline",
        "exchange", "idle_since", "keeps", "key", "on_gone", "paused", "pinned", "reused", "tunnel",
    )  # fmt: skip

    transport: Any

    def __init__(self, key: bytes, address: str, deadlines: Deadlines) -> None:
        self.key = key
        self.address = address
        self.deadline = NEVER
        self.exchange: OriginAsker | None = None
        self.tunnel: OriginTunnel | None = None
        self.on_gone: Callable[[OriginSide], None] | None = None  # of the place that keeps it while it is idle
        self.pinned = False  # a client has signed in on it: it is that client's for good
        self.reused = False
        self.keeps = False
        self.idle_since = 0.0
        self.paused = False
        self._deadlines = deadlines
        self._heads = ResponseBuffer()
        self._reader: BodyReader | None = None
        self._begun = False  # an octet of the response has come
        self._may_keep = True  # nothing odd has come before the final response
        self._lost = False
        self._take: Callable[[bytes], None] = self._take_unasked

    # For an exchange

    def ask(self, exchange: OriginAsker, request: bytes) -> None:
        """Send a request's head, with as much of its body as is here; `exchange` gets the response."""
        self.exchange = exchange
        self._begun = False
        self._may_keep = True
        self._take = self._take_head
        send_at_once.send(self.transport, request)

    def send(self, octets: bytes) -> None:
        """Send more of the request."""
        send_at_once.send(self.transport, octets)

    @property
    def has_answered(self) -> bool:
        """Whether an octet of the response came: the origin has had the request."""
        return self._begun

    def release(self) -> None:
        """The exchange is over, and the connection as good as new."""
        self.exchange = None
        self.reused = True
        self._take = self._take_unasked
        self.deadline = NEVER
        if self.paused:
            self.resume()

    @property
    def _owner(self) -> OriginOwner | None:
        return self.exchange or self.tunnel

    def become_tunnel(self, tunnel: OriginTunnel) -> None:
        """What comes from now on is the tunnel's, and not HTTP any more."""
        self.exchange = None
        self.tunnel = tunnel
        self._take = tunnel.take_from_origin

    def say_no_more(self) -> None:
        """Close our half, once all is sent."""
        if not self._lost:
            send_at_once.say_no_more(self.transport)

    def close(self) -> None:
        """Close it when all is sent."""
        self.exchange = self.tunnel = None
        self._take = _ignore
        if not self._lost:
            self.deadline = NEVER
            self.transport.unregisterProducer()
            send_at_once.close(self.transport)

    def abort(self) -> None:
        """Drop the connection at once."""
        self.exchange = self.tunnel = None
        self._take = _ignore
        if not self._lost:
            self.transport.abortConnection()

    def pause(self) -> None:
        """The client does not take what comes: let the origin wait."""
        self.paused = True
        self.transport.pauseProducing()

    def resume(self) -> None:
        """The client takes more again."""
        self.paused = False
        if not self._lost:
            self.transport.resumeProducing()

    # What Twisted calls

    def connectionMade(self) -> None:
        """The origin has accepted."""
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)
        self._deadlines.add(self)

    def dataReceived(self, data: bytes) -> None:
        """Something came; a full buffer is a sign of a long body."""
        if len(data) == SMALL_READ_OCTETS:
            self.transport.bufferSize = BIG_READ_OCTETS
        exchange = self.exchange
        self._take(data)
        if exchange is not None and self.exchange is exchange:
            exchange.flush()

    def readConnectionLost(self) -> None:
        """The origin will say no more; in a tunnel the client may still talk."""
        if self.tunnel is not None:
            self.tunnel.origin_half_closed()
            return
        self._gone(clean=True)
        self.transport.abortConnection()

    def writeConnectionLost(self) -> None:
        """We closed our side; nothing follows from that."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone; what was not complete is broken."""
        self._deadlines.discard(self)
        self._gone(clean=reason.type is ConnectionDone)
        self._take = _ignore

    def _gone(self, clean: bool) -> None:
        if self._lost:
            return
        self._lost = True
        if self.on_gone is not None:
            self.on_gone(self)
        owner = self._owner
        if owner is None:
            return
        if clean and self._begun and type(self._reader) is UntilClose:
            self._end(b"")
        else:
            owner.origin_lost()

    def pauseProducing(self) -> None:
        """The origin does not take what the client sends: let the client wait."""
        owner = self._owner
        if owner is not None:
            owner.origin_clogged()

    def resumeProducing(self) -> None:
        """The origin takes more again."""
        owner = self._owner
        if owner is not None:
            owner.origin_ready()

    def stopProducing(self) -> None:
        """The transport takes no more; `connectionLost` follows."""

    def time_is_up(self) -> None:
        """Idle for long enough, or silent for too long."""
        self.deadline = NEVER
        owner = self._owner
        if owner is not None:
            owner.origin_silent()
        else:
            self.transport.abortConnection()

    # The response

    def _take_unasked(self, data: bytes) -> None:
        """An idle connection that sends octets is out of step: it is never used again."""
        self.abort()

    def _take_head(self, data: bytes) -> None:
        self._begun = True
        exchange = self.exchange
        assert exchange is not None
        try:
            taken = self._heads.take(data, exchange.request.method)
        except (BadMessage, BadAnswer):
            exchange.fail(BadAnswer())
            return
        if taken is None:
            return
        response, rest = taken
        if response.status < 200:
            self._may_keep = self._may_keep and response.keeps
            exchange.interim(response, rest)
            if rest and response.status != SWITCHING and self.exchange is exchange:
                self._take_head(rest)
            return
        self.keeps = self._may_keep and response.keeps and response.body != UNTIL_CLOSE
        if response.body >= 0 and len(rest) == response.body:  # all of it is here: most responses are small
            exchange.respond(response, rest)
            self._end(b"")
            return
        exchange.respond(response, b"")
        if self.exchange is exchange:
            self._reader = reader_of(response.body)
            self._take = self._take_body
            self._take_body(rest)

    def _take_body(self, data: bytes) -> None:
        reader, exchange = self._reader, self.exchange
        assert reader is not None
        assert exchange is not None
        try:
            body, rest = reader.take(data)
        except BadMessage:
            exchange.fail(BadAnswer())
            return
        if body:
            exchange.pass_on(body)
        if reader.done and self.exchange is exchange:
            if rest:
                self.keeps = False  # more than was asked for
            self._end(reader.trailers)

    def _end(self, trailers: bytes) -> None:
        exchange = self.exchange
        self._reader = None
        self._take = self._take_unasked
        if exchange is not None:
            exchange.response_ended(trailers)


def _ignore(data: bytes) -> None:
    """Octets of a connection that is being dropped."""
