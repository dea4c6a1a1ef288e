"""One request and its response: from the client's head to the last octet that the client gets."""

from __future__ import annotations

from services.http_proxy.client_owner import AnsweredClient
from services.http_proxy.errors import BadAnswer, OriginBroke, OriginTooSlow, TooSlow
from services.http_proxy.fields import CHUNKED
from services.http_proxy.framing import chunk, last_chunk
from services.http_proxy.idle_origins import keep_idle
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.passage import Passage
from services.http_proxy.render_heads import interim_head, request_octets
from services.http_proxy.request_head import RequestHead
from services.http_proxy.response import Response
from services.http_proxy.response_head import SWITCHING, ResponseHead
from services.http_proxy.routing import connect, route
from services.http_proxy.tunnel import Tunnel
from shared.errors import DomainError
from shared.reach.connector import Connecting

CLIENT_LEFT = 499  # the status that is counted when the client did not wait; it is never sent
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Exchange:
    """Owned by its client's connection until it is over. From `use` on it has the connection of an origin."""

    __slots__ = (
        "_is_over", "_origin", "_request_done", "_response", "_retried", "client", "connecting", "passage", "request",
    )  # fmt: skip

    def __init__(self, client: AnsweredClient, request: RequestHead) -> None:
        self.client = client
        self.request = request
        self._request_done = request.body == 0
        self.passage = passage = Passage(client.parts.gate, request, client.peer.host, client.clock.seconds())
        self._response = Response(client, request, passage)
        self._origin: OriginSide | None = None
        self.connecting: Connecting[OriginSide] | None = None  # while the connection to the origin is being made
        self._retried = False
        self._is_over = False

    @property
    def account_id(self) -> int | None:
        """Whose it is."""
        return self.passage.account_id

    # The request

    def start(self) -> None:
        """Answer it here, or send it on its way."""
        request = self.request
        if not request.authority or request.max_forwards == 0:
            self._response.answer_here()
            self._finish()
            return
        route(self)

    def use(self, origin: OriginSide) -> None:
        """Ask the origin; the client's body follows as it comes."""
        request, client = self.request, self.client
        parts = client.parts
        self._origin = origin
        self.passage.address = origin.address
        if request.method == b"CONNECT":
            self._become_tunnel(ESTABLISHED, b"")
            return
        origin.deadline = client.clock.seconds() + parts.patience.silence
        if request.signs_in_connection:
            origin.pinned = True
        origin.ask(self, request_octets(request, parts.pseudonym))
        if client.clogged:
            origin.pause()
        if not self._request_done:
            client.read_body()

    @property
    def awaits_origin(self) -> bool:
        """Whether it is neither over nor has a connection to its origin."""
        return self._origin is None and not self._is_over

    # What the client's side tells

    def request_body(self, octets: bytes) -> None:
        """More of the request's body."""
        origin, passage, client = self._origin, self.passage, self.client
        assert origin is not None
        passage.sent += len(octets)
        origin.deadline = client.clock.seconds() + client.parts.patience.silence
        origin.send(chunk(octets) if self.request.body == CHUNKED else octets)
        if passage.sent + passage.received >= passage.count_at:
            spent = passage.count_so_far()
            if spent is not None:
                self.fail(spent)

    def request_ended(self, trailers: bytes) -> None:
        """All of the request's body has come."""
        self._request_done = True
        if self.request.body == CHUNKED and self._origin is not None:
            self._origin.send(last_chunk(trailers))

    def client_silent(self) -> None:
        """The client neither sends its body nor takes the response."""
        self.fail(TooSlow())

    def client_half_closed(self) -> None:
        """The client sends no more, but may listen; or it is gone.

        If the request has not begun, it is not begun any more.
        """
        if not self._request_done or (self.connecting is not None and self.connecting.is_queued):
            self.passage.status = self.passage.status or CLIENT_LEFT
            self._break()

    def client_lost(self) -> None:
        """The client is gone."""
        self.passage.status = self.passage.status or CLIENT_LEFT
        self._end(complete=False)

    def client_clogged(self) -> None:
        """The client does not take what comes: let the origin wait."""
        if self._origin is not None:
            self._origin.pause()

    def client_ready(self) -> None:
        """The client takes more again."""
        if self._origin is not None and self._origin.paused:
            self._origin.resume()

    # What the origin's side tells

    def origin_clogged(self) -> None:
        """The origin does not take the request's body: let the client wait."""
        self.client.hold()

    def origin_ready(self) -> None:
        """The origin takes more again."""
        self.client.go_on()

    def interim(self, head: ResponseHead, rest: bytes) -> None:
        """A response 1xx; 101 makes a tunnel of both connections (RFC 9110 §15.2)."""
        request = self.request
        if head.status != SWITCHING:
            if not self._response.interim(head):
                self.fail(BadAnswer())
        elif request.upgrade is not None and self._request_done:
            self._become_tunnel(interim_head(head, self.client.parts.pseudonym, request.upgrade), rest)
        else:
            self.fail(BadAnswer())

    def respond(self, head: ResponseHead, body: bytes) -> None:
        """The final response begins; `body` is what of it is here, where its length is known."""
        if head.signs_in_connection and self._origin is not None:
            self._origin.pinned = True
        self._response.begin(head, body, self._request_done)

    def pass_on(self, body: bytes) -> None:
        """More of the response's body."""
        self._response.pass_on(body)

    def flush(self) -> None:
        """Send what is for the client: once for each time that the origin sent something."""
        origin, passage, client = self._origin, self.passage, self.client
        if self._response.flush() and origin is not None:
            origin.deadline = client.clock.seconds() + client.parts.patience.silence
            if passage.sent + passage.received >= passage.count_at and passage.count_so_far() is not None:
                self._break()

    def response_ended(self, trailers: bytes) -> None:
        """The response is complete."""
        self._response.finish(trailers)
        self._end(complete=True)
        self.client.exchange_over(self._response.closes)

    def origin_silent(self) -> None:
        """The origin does not answer, or stopped in the middle."""
        self.fail(OriginTooSlow())

    def origin_lost(self) -> None:
        """The origin hung up too early; a connection from the pool may have been about to (RFC 9112 §9.3.1)."""
        origin, request = self._origin, self.request
        if origin is None:
            return
        untouched = origin.reused and not origin.has_answered
        if untouched and request.is_repeatable and not self._retried:
            self._retried = True
            origin.abort()
            self._origin = None
            connect(self)
            return
        self.fail(OriginBroke())

    # The end

    def fail(self, error: DomainError) -> None:
        """The request or its response cannot be passed on: say why, as long as nothing of the response is sent."""
        self._response.withdraw()
        if self.passage.status:
            self._break()
        else:
            self.refuse(error)

    def refuse(self, error: BaseException) -> None:
        """Refuse the request with the reply to this error."""
        if not self._is_over:
            self._response.refuse(error)
            self._finish()

    def _finish(self) -> None:
        """The proxy's own answer is sent."""
        self._end(complete=False)
        self.client.exchange_over(self._response.closes)

    def _break(self) -> None:
        """The response cannot be completed: cut the client off, so that it cannot be taken for complete."""
        self._end(complete=False)
        self.client.cut_off()

    def _end(self, complete: bool) -> None:
        """End the exchange: give the origin back, and count the request."""
        if self._is_over:
            return
        self._is_over = True
        if self.connecting is not None:
            self.connecting.give_up()
            self.connecting = None
        origin, self._origin = self._origin, None
        response, passage = self._response, self.passage
        if origin is not None:
            if complete and origin.keeps and self._request_done:
                origin.release()
                keep_idle(self.client, passage.account_id, origin, closes=response.closes)
            else:
                origin.abort()
        response.over(complete)
        passage.over()

    def _become_tunnel(self, answer: bytes, rest: bytes) -> None:
        """Both connections belong to a tunnel from now on."""
        assert self._origin is not None
        self._is_over = True
        tunnel = Tunnel(self.client, self._origin, self.passage)
        tunnel.begin(self._response.take_held() + answer, rest)
