"""One request and its response: from the client's head to the last octet that it gets.

Callbacks, not a coroutine: a request on an open connection to its origin goes through without one Deferred, because
each would cost a tenth of what the request costs. What waits (signing in, connecting) is a coroutine.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from services.http_proxy.errors import (
    BadAnswer,
    CredentialsWanted,
    Loop,
    OriginBroke,
    OriginTooSlow,
    PortNotAllowed,
    TooSlow,
)
from services.http_proxy.fields import CHUNKED
from services.http_proxy.framing import chunk, last_chunk
from services.http_proxy.gate import Observer
from services.http_proxy.heads import interim_head, request_octets, response_octets
from services.http_proxy.here import answer_here
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.replies import reply_to, retry_after
from services.http_proxy.request_head import IDEMPOTENT, RequestHead
from services.http_proxy.response_head import SWITCHING, ResponseHead
from services.http_proxy.tunnel import TELL_OCTETS, Tunnel
from services.http_proxy.via import passed_through
from shared.errors import DomainError
from shared.runtime.spawn import spawn

if TYPE_CHECKING:
    from services.http_proxy.client_side import ClientSide

MOST_INTERIM = 50  # responses 1xx to one request; more is a flood
CLIENT_LEFT = 499  # the status that is counted when the client did not wait; nobody is told


class Exchange:
    """Owned by its client's connection until it is over; `origin` is its own from `_use` until then."""

    __slots__ = (
        "_chunks", "_close", "_door", "_entered", "_held", "_interim", "_observer", "_over", "_retried", "_tell_at",
        "account_id", "client", "origin", "received", "request", "request_done", "sent", "status",
    )  # fmt: skip
    log = Logger()

    def __init__(self, client: ClientSide, request: RequestHead) -> None:
        self.client = client
        self.request = request
        self.origin: OriginSide | None = None
        self.account_id: int | None = None
        self.status = 0  # of the response, once its head is here
        self.received = 0  # octets of the response's body
        self.sent = 0  # octets of the request's body
        self.request_done = request.body == 0
        self._door = client.door
        self._held: list[bytes] = []  # for the client, until what has just come is looked at
        self._observer: Observer | None = None
        self._chunks = False
        self._close = request.close
        self._interim = 0
        self._retried = False
        self._entered = False  # counted among what its account has under way
        self._tell_at = TELL_OCTETS
        self._over = False

    # Before it leaves

    def start(self) -> None:
        """Answer it here, or find out who asks."""
        request = self.request
        if not request.authority or request.max_forwards == 0:
            self._answer_here()
            return
        authorization = request.authorization
        if authorization is not None:
            standing = self._door.authorizer.known(authorization)
            if standing is None:
                self._begin(self._sign_in(authorization))
            else:
                self._go(standing.account_id)
        elif self.client.is_open():
            self._go(None)
        else:
            self.refuse(CredentialsWanted())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        spawn(self._guarded(work), "a request's way out")

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Whatever goes wrong, the client gets an answer."""
        try:
            await work
        except DomainError as error:
            self.refuse(error)
        except Exception as error:
            self.log.failure("a request failed")
            self.refuse(error)

    async def _sign_in(self, authorization: bytes) -> None:
        account_id = await self._door.authorizer.check(authorization, self.client.peer.host)
        if not self._over:
            self._go(account_id)

    def _go(self, account_id: int | None) -> None:
        """Judge the request, and take it to its origin."""
        self.account_id = account_id
        request, door = self.request, self._door
        refused = door.gate.enter(request.host, account_id)
        self._entered = refused is None
        if refused is None and request.via and passed_through(request.via, door.pseudonym):
            refused = Loop()
        if refused is not None:
            self.refuse(refused)
            return
        if request.method == b"CONNECT":
            if request.port not in door.connect_ports:
                self.refuse(PortNotAllowed())
                return
            self._begin(self._reach())
            return
        origin = door.pool.take(request.authority, request.method in IDEMPOTENT)
        if origin is None:
            self._begin(self._reach())
            return
        refused = self._address_refusal(origin.address)
        if refused is not None:
            door.pool.put(origin)
            self.refuse(refused)
            return
        self._use(origin)

    def _address_refusal(self, address: str) -> DomainError | None:
        return self._door.gate.address_refusal(address, self.account_id)

    async def _reach(self) -> None:
        request = self.request
        origin = await self._door.reach.connect(request.authority, request.host, request.port, self._address_refusal)
        if self._over:
            origin.abort()
        else:
            self._use(origin)

    def _use(self, origin: OriginSide) -> None:
        """Ask the origin; the client's body follows as it comes."""
        self.origin = origin
        if self.request.method == b"CONNECT":
            self._become_tunnel(b"HTTP/1.1 200 Connection established\r\n\r\n", b"")
            return
        origin.deadline = self.client.clock.seconds() + self._door.patience.silence
        origin.ask(self, request_octets(self.request, self._door.pseudonym))
        if self.client.clogged:
            origin.pause()
        if not self.request_done:
            self.client.read_body()

    # What the client's side tells

    def request_body(self, octets: bytes) -> None:
        """More of the request's body."""
        origin = self.origin
        assert origin is not None
        self.sent += len(octets)
        origin.deadline = self.client.clock.seconds() + self._door.patience.silence
        origin.send(chunk(octets) if self.request.body == CHUNKED else octets)

    def request_ended(self, trailers: bytes) -> None:
        """All of the request's body has come."""
        self.request_done = True
        if self.request.body == CHUNKED and self.origin is not None:
            self.origin.send(last_chunk(trailers))

    def client_failed(self, error: DomainError) -> None:
        """The request's body is broken, or does not come."""
        if self.status:
            self._break()
        else:
            self.refuse(error)

    def client_silent(self) -> None:
        """The client neither sends its body nor takes the response."""
        self.client_failed(TooSlow())

    def client_half_closed(self) -> None:
        """The client says no more, but listens."""
        if not self.request_done:
            self._break()

    def client_lost(self) -> None:
        """The client is gone."""
        if not self.status:
            self.status = CLIENT_LEFT
        self._end(complete=False)

    # What the origin's side tells

    def interim(self, response: ResponseHead, rest: bytes) -> None:
        """A response 1xx; 101 makes a tunnel of both connections (RFC 9110 §15.2)."""
        self._interim += 1
        if response.status == SWITCHING:
            if self.request.upgrade is None or not self.request_done:
                self.origin_failed(BadAnswer())
                return
            self._become_tunnel(interim_head(response, self._door.pseudonym, self.request.upgrade), rest)
        elif self._interim > MOST_INTERIM:
            self.origin_failed(BadAnswer())
        elif not self.request.is_old:
            self._held.append(interim_head(response, self._door.pseudonym, None))

    def respond(self, response: ResponseHead, body: bytes) -> None:
        """The response begins; `body` is what of it is here, where its length is known."""
        request = self.request
        self.status = response.status
        self._chunks = response.body < 0 and not request.is_old
        self._close = request.close or not self.request_done or self.client.is_leaving
        self._held.append(response_octets(response, self._door.pseudonym, self._chunks, self._close))
        if response.content_type and response.status == 200 and request.method != b"HEAD":
            self._observer = self._door.gate.reader(
                self.account_id, request.host, response.content_type, response.content_encoding
            )
        if body:
            self.pass_on(body)

    def pass_on(self, body: bytes) -> None:
        """More of the response's body."""
        self.received += len(body)
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
        self.client.send(octets)
        if self.origin is not None:
            self.origin.deadline = self.client.clock.seconds() + self._door.patience.silence
            if self.received > self._tell_at:
                self._tell()

    def _tell(self) -> None:
        """Count what of a long response has passed; a day's volume may end here."""
        gate = self._door.gate
        refused = gate.going_on(self.account_id, self.request.host, self.status, self.sent, self.received)
        self.sent = self.received = 0
        if refused is not None:
            self._break()

    def response_ended(self, trailers: bytes) -> None:
        """The response is complete."""
        if self._chunks:
            self._held.append(last_chunk(trailers))
        self.flush()
        self._end(complete=True)
        self.client.exchange_over(self._close)

    def origin_failed(self, error: DomainError) -> None:
        """What the origin says cannot be passed on."""
        if self.status:
            self._break()
        else:
            self.refuse(error)

    def origin_silent(self) -> None:
        """The origin does not answer, or stopped in the middle."""
        self.origin_failed(OriginTooSlow())

    def origin_lost(self) -> None:
        """The origin hung up too early; a connection from the pool may have been about to (RFC 9112 §9.3.1)."""
        origin, request = self.origin, self.request
        if origin is None:
            return
        untouched = origin.reused and not origin.has_answered and self.sent == 0 and request.body == 0
        if untouched and request.method in IDEMPOTENT and not self._retried:
            self._retried = True
            origin.abort()
            self.origin = None
            self._begin(self._reach())
            return
        self.origin_failed(OriginBroke())

    # The end

    def refuse(self, error: BaseException) -> None:
        """Say why not. The request's body is not read: the connection ends with it."""
        if self._over:
            return
        reply = reply_to(error)
        close = self._close or self.request.body != 0 or self.client.is_leaving
        self._answer(reply.status, reply.wire(
            close=close, with_body=self.request.method != b"HEAD", more=retry_after(error, reply)
        ), close)  # fmt: skip

    def _answer_here(self) -> None:
        close = self._close or self.request.body != 0 or self.client.is_leaving
        self._answer(*answer_here(self._door, self.request, close), close)

    def _answer(self, status: int, octets: bytes, close: bool) -> None:
        self.status = status
        self._held.append(octets)
        self.flush()
        self._end(complete=False)
        self.client.exchange_over(close)

    def _break(self) -> None:
        """The response cannot be completed: cut the client off, so that it cannot be taken for complete."""
        self._end(complete=False)
        self.client.cut_off()

    def _end(self, complete: bool) -> None:
        """Let go of the origin, tell who counts."""
        if self._over:
            return
        self._over = True
        self._held.clear()
        origin, self.origin = self.origin, None
        if origin is not None:
            if complete and origin.keeps and self.request_done:
                origin.release()
                self._door.pool.put(origin)
            else:
                origin.abort()
        if self._observer is not None:
            self._observer.end(complete)
        if self.request.authority:
            self._door.gate.count(self.account_id, self.request.host, self.status, self.sent, self.received)
        if self._entered:
            self._door.gate.leave(self.account_id)

    def _become_tunnel(self, answer: bytes, rest: bytes) -> None:
        """Both connections belong to a tunnel from now on."""
        assert self.origin is not None
        self._over = True
        tunnel = Tunnel(self.client, self.origin, self.account_id, self.request.host)
        tunnel.begin(b"".join([*self._held, answer]), rest)
        self._held.clear()
