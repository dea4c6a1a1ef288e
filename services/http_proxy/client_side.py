"""The connection of one client: requests as they come, one exchange after the other, answered in order."""

from __future__ import annotations

from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from services.http_proxy.client_connection import ClientConnection
from services.http_proxy.client_owner import ClientOwner, ClientTunnel
from services.http_proxy.client_state import ARRIVING, BODY, CLOSING, HEAD, IDLE, SERVING, TUNNEL
from services.http_proxy.errors import BadMessage, TooSlow
from services.http_proxy.exchange import Exchange
from services.http_proxy.framing import BodyReader, reader_of
from services.http_proxy.head_buffer import HeadBuffer
from services.http_proxy.parts import ProxyParts
from services.http_proxy.pinned import Pinned
from services.http_proxy.request_head import parse_request
from shared.conversation.deadlines import NEVER

BETWEEN_REQUESTS = (IDLE, HEAD)
SLOWEST_OCTETS_PER_SECOND = 512  # of a request's body: a slow telephone line gives 1,000 and more


@implementer(IPushProducer, IHalfCloseableProtocol)
class ClientSide(ClientConnection):
    """While an exchange is under way nothing more is read: requests that a client pipelines wait."""

    __slots__ = (
        "_body_began", "_body_octets", "_heads", "_held", "_reader", "_serving", "_tunnel", "clogged", "exchange",
        "is_leaving", "pinned",
    )  # fmt: skip

    def __init__(self, parts: ProxyParts) -> None:
        super().__init__(parts)
        self.exchange: ClientOwner | None = None
        self._tunnel: ClientTunnel | None = None  # the exchange, once it is one
        self.clogged = False  # the client does not take what we send
        self.is_leaving = False  # the connection ends with this exchange
        self._reader: BodyReader | None = None
        self._heads = HeadBuffer()
        self._body_began = 0.0
        self._body_octets = 0
        self._serving = False  # the loop over what has come is running
        self._held = False  # the origin does not take what the client sends
        self.pinned: Pinned | None = None  # few clients have any

    # Requests

    def dataReceived(self, data: bytes) -> None:
        """A head or part of one, a body, or what is too early to be either."""
        state = self.state
        if state in BETWEEN_REQUESTS and not self.clogged:
            self._ahead = data
            self._serve()
        elif state is BODY:
            self._take_body(data)
        elif state is TUNNEL:
            assert self._tunnel is not None
            self._tunnel.take_from_client(data)
        elif state is ARRIVING:
            if self._admission is not None:
                self._admission.take(data)
        elif state is not CLOSING:
            self._ahead += data
            self._look_at_reading()

    def _serve(self) -> None:
        """Take one request after the other from what has come, until one has to be waited for."""
        self._serving = True
        while self._ahead and not self.clogged and self.state in BETWEEN_REQUESTS:
            self._take_head()
        self._serving = False
        if self._reading_paused or self._ahead:
            self._look_at_reading()

    def _take_head(self) -> None:
        heads = self._heads
        data, self._ahead = self._ahead, b""
        try:
            taken = heads.take(data)
        except BadMessage as error:
            self._refuse(error)
            return
        if taken is not None:
            head, self._ahead = taken
            self._begin(head)
        elif heads.partial is not None and self.state is IDLE:
            self.state = HEAD
            self.deadline = self.clock.seconds() + self.parts.patience.head

    def _begin(self, head: bytes) -> None:
        try:
            request = parse_request(head)
        except BadMessage as error:
            self._refuse(error)
            return
        self.deadline = NEVER
        self.state = SERVING
        self.exchange = exchange = Exchange(self, request)
        exchange.start()

    @property
    def account_id(self) -> int | None:
        """The account of the request or tunnel under way."""
        return None if self.exchange is None else self.exchange.account_id

    def account_name(self) -> str:
        """Its name, as it was when it signed in; "" between requests."""
        account_id = self.account_id
        return "" if account_id is None else self.parts.credentials.names.get(account_id) or ""

    def is_open(self) -> bool:
        """Whether clients at this address need not sign in."""
        return self.parts.is_open_to(self.peer.host)

    # Its body

    def read_body(self) -> None:
        """The origin is there: give the exchange what comes of the request's body."""
        exchange = self.exchange
        assert isinstance(exchange, Exchange)
        self._reader = reader_of(exchange.request.body)
        self._body_began = self.clock.seconds()
        self._body_octets = 0
        self.deadline = self._body_began + self.parts.patience.silence
        self.state = BODY
        ahead, self._ahead = self._ahead, b""
        if ahead:
            self._take_body(ahead)
        self._look_at_reading()

    def _take_body(self, data: bytes) -> None:
        exchange, reader = self.exchange, self._reader
        assert isinstance(exchange, Exchange)
        assert reader is not None
        try:
            body, rest = reader.take(data)
        except BadMessage as error:
            exchange.fail(error)
            return
        self._body_octets += len(data)
        now, silence = self.clock.seconds(), self.parts.patience.silence
        self.deadline = min(now, self._body_began + self._body_octets / SLOWEST_OCTETS_PER_SECOND) + silence
        if body:
            exchange.request_body(body)
        if reader.done and self.exchange is exchange:
            self.state = SERVING
            self._reader = None
            self.deadline = NEVER
            self._ahead = rest
            exchange.request_ended(reader.trailers)

    def become_tunnel(self, tunnel: ClientTunnel) -> None:
        """What comes from now on is the tunnel's."""
        self.exchange = self._tunnel = tunnel
        self.state = TUNNEL
        self.deadline = NEVER
        ahead, self._ahead = self._ahead, b""
        if ahead:
            tunnel.take_from_client(ahead)
        if self._no_more_input:
            tunnel.client_half_closed()
        self._look_at_reading()

    # Responses

    def exchange_over(self, close: bool) -> None:
        """The response is sent: the next request's turn, or the end."""
        self.exchange = self._tunnel = self._reader = None
        if self.state is not CLOSING:
            self.state = IDLE
        self._held = False  # reading was paused for the origin, which is given back
        if close or self.is_leaving or (self._no_more_input and not self._ahead):
            self._close()
            return
        if not self.clogged:
            self.deadline = self.clock.seconds() + self.parts.patience.idle
        if not self._serving and (self._ahead or self._reading_paused):
            self._serve()

    # Waiting for each other

    def hold(self) -> None:
        """The origin does not take what the client sends: read no more."""
        self._held = True
        self._look_at_reading()

    def go_on(self) -> None:
        """The origin takes more again."""
        self._held = False
        self._look_at_reading()

    def _look_at_reading(self) -> None:
        """Read, or let the client wait."""
        pause = self.state is not CLOSING and (self._held or bool(self._ahead))
        if pause != self._reading_paused and not self._gone and not self._no_more_input:
            self._reading_paused = pause
            if pause:
                self.transport.pauseProducing()
            else:
                self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The client does not take what we send: let the origin wait."""
        self.clogged = True
        self.deadline = self.clock.seconds() + self.parts.patience.silence
        if self.exchange is not None:
            self.exchange.client_clogged()

    def resumeProducing(self) -> None:
        """The client takes more again."""
        self.clogged = False
        if self.state is CLOSING:
            return
        self.deadline = NEVER
        if self.exchange is None:
            self.deadline = self.clock.seconds() + self.parts.patience.idle
            if self._ahead and not self._serving:
                self._serve()
        else:
            self.exchange.client_ready()

    def stopProducing(self) -> None:
        """The transport takes no more; `connectionLost` follows."""

    # The end

    def half_closed(self) -> None:
        """What the client asked for is answered."""
        if self.exchange is not None:
            self.exchange.client_half_closed()
        else:
            self._close()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The client is gone."""
        super().connectionLost(reason)
        self._over = True
        self.state = CLOSING
        self._heads.clear()
        exchange, self.exchange = self.exchange, None
        self._tunnel = None
        if exchange is not None:
            exchange.client_lost()
        if self.pinned is not None:
            self.pinned.close()
        self.factory.forget(self)

    def shut_down(self) -> None:
        """Finish the exchange in hand, then close. A tunnel has until the grace ends."""
        self.is_leaving = True
        if self.exchange is None:
            self._close()

    def timed_out(self) -> None:
        """The client was silent or slow for too long."""
        if self.exchange is not None:
            self.exchange.client_silent()
        elif self.state is HEAD:
            self._refuse(TooSlow())
        else:
            self._close()
