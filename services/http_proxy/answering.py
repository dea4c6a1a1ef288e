"""What the client gets: the response as its origin gives it, or the reason why there is none."""

from __future__ import annotations

from services.http_proxy.client_owner import AnsweredClient
from services.http_proxy.errors import (
    BadAnswer,
    OriginTooSlow,
)
from services.http_proxy.framing import chunk, last_chunk
from services.http_proxy.gate import Observer
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.own_answers import answer_here
from services.http_proxy.passage import Passage
from services.http_proxy.pinned import Pinned
from services.http_proxy.render_heads import interim_head, response_octets
from services.http_proxy.replies import reply_to, retry_after
from services.http_proxy.request_head import RequestHead
from services.http_proxy.response_head import SWITCHING, ResponseHead
from services.http_proxy.tunnel import Tunnel
from shared.errors import DomainError
from shared.reach.connector import Connecting

MOST_INTERIM = 50  # responses 1xx to one request; more is a flood


class Answering:
    """The half of an exchange that faces the client. Nothing that has begun is ever made to look complete."""

    # No slots, as in Passage: most requests leave these as they begin.
    _origin: OriginSide | None = None
    _observer: Observer | None = None
    _chunks = False
    _interim = 0
    _begins_at: int | None = None  # where in what is held the final response begins, while nothing of it is sent
    _over = False
    _way: Connecting[OriginSide] | None = None  # while the connection to the origin is being made

    def __init__(self, client: AnsweredClient, request: RequestHead) -> None:
        parts = client.parts
        self._client = client
        self.request = request
        self.request_done = request.body == 0
        self.passage = Passage(parts.gate, request, client.peer.host, client.clock.seconds())
        self._parts = parts
        self._held: list[bytes] = []  # for the client, until what has just come is looked at
        self._close = request.close

    @property
    def account_id(self) -> int | None:
        """Whose it is."""
        return self.passage.account_id

    # The response

    def interim(self, response: ResponseHead, rest: bytes) -> None:
        """A response 1xx; 101 makes a tunnel of both connections (RFC 9110 §15.2)."""
        self._interim += 1
        if response.status == SWITCHING:
            if self.request.upgrade is None or not self.request_done:
                self.origin_failed(BadAnswer())
                return
            self._become_tunnel(interim_head(response, self._parts.pseudonym, self.request.upgrade), rest)
        elif self._interim > MOST_INTERIM:
            self.origin_failed(BadAnswer())
        elif not self.request.is_old:
            self._held.append(interim_head(response, self._parts.pseudonym, None))

    def respond(self, response: ResponseHead, body: bytes) -> None:
        """The response begins; `body` is what of it is here, where its length is known."""
        request = self.request
        self.passage.status = response.status
        if response.signs_in_connection and self._origin is not None:
            self._origin.pinned = True
        self._chunks = response.body < 0 and not request.is_old
        self._close = request.close or not self.request_done or self._client.is_leaving
        self._begins_at = len(self._held)
        self._held.append(response_octets(response, self._parts.pseudonym, self._chunks, self._close))
        if response.content_type and response.status == 200 and request.method != b"HEAD":
            self._observer = self._parts.gate.reader(
                self.passage.account_id, request.host, response.content_type, response.content_encoding
            )
        if body:
            self.pass_on(body)

    def pass_on(self, body: bytes) -> None:
        """More of the response's body."""
        self.passage.received += len(body)
        self._held.append(chunk(body) if self._chunks else body)
        if self._observer is not None:
            self._observer.feed(body)

    def flush(self) -> None:
        """Send what is for the client: once for each time that the origin sent something."""
        held = self._held
        if not held:
            return
        octets = held[0] if len(held) == 1 else b"".join(held)
        held.clear()
        self._begins_at = None
        self._client.send(octets)
        if self._origin is not None:
            self._origin.deadline = self._client.clock.seconds() + self._parts.patience.silence
            passage = self.passage
            if passage.sent + passage.received >= passage.tell_at and passage.tell() is not None:
                self._break()

    def response_ended(self, trailers: bytes) -> None:
        """The response is complete."""
        if self._chunks:
            self._held.append(last_chunk(trailers))
        if self._held:
            self._client.send(b"".join(self._held))
        self._end(complete=True)
        self._client.exchange_over(self._close)

    def origin_failed(self, error: DomainError) -> None:
        """What the origin says cannot be passed on."""
        if self._begins_at is not None:  # nothing of it is sent
            del self._held[self._begins_at :]
            self.passage.status = self.passage.received = 0
        if self.passage.status:
            self._break()
        else:
            self.refuse(error)

    def origin_silent(self) -> None:
        """The origin does not answer, or stopped in the middle."""
        self.origin_failed(OriginTooSlow())

    # The end

    def refuse(self, error: BaseException) -> None:
        """Say why not. The request's body is not read: the connection ends with it."""
        if self._over:
            return
        reply = reply_to(error)
        close = self._close or self.request.body != 0 or self._client.is_leaving
        self._answer(reply.status, reply.wire(
            close=close, with_body=self.request.method != b"HEAD", more=retry_after(error, reply)
        ), close)  # fmt: skip

    def _answer_here(self) -> None:
        close = self._close or self.request.body != 0 or self._client.is_leaving
        self._answer(*answer_here(self._parts, self.request, self._client.local_authority(), close), close)

    def _answer(self, status: int, octets: bytes, close: bool) -> None:
        self.passage.status = status
        self._held.append(octets)
        self.flush()
        self._end(complete=False)
        self._client.exchange_over(close)

    def _break(self) -> None:
        """The response cannot be completed: cut the client off, so that it cannot be taken for complete."""
        self._end(complete=False)
        self._client.cut_off()

    def _end(self, complete: bool) -> None:
        """Let go of the origin, tell who counts."""
        if self._over:
            return
        self._over = True
        self._held.clear()
        if self._way is not None:
            self._way.give_up()
            self._way = None
        origin, self._origin = self._origin, None
        if origin is not None:
            if complete and origin.keeps and self.request_done:
                origin.release()
                self._keep(origin)
            else:
                origin.abort()
        if self._observer is not None:
            self._observer.end(complete)
        self.passage.over()

    def _keep(self, origin: OriginSide) -> None:
        """Put a connection as good as new where the next request finds it."""
        if not origin.pinned:
            self._parts.pool.put(origin)
        elif self._close or self._client.is_leaving:
            origin.abort()
        else:
            if self._client.pinned is None:
                self._client.pinned = Pinned()
            self._client.pinned.put(self.passage.account_id, origin)

    def _become_tunnel(self, answer: bytes, rest: bytes) -> None:
        """Both connections belong to a tunnel from now on."""
        assert self._origin is not None
        self._over = True
        tunnel = Tunnel(self._client, self._origin, self.passage)
        tunnel.begin(b"".join([*self._held, answer]), rest)
        self._held.clear()
