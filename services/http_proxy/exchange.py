"""One request and its response: from the client's head to the last octet that it gets.

Callbacks, not a coroutine: a request on an open connection to its origin goes through without one Deferred, because
each would cost a tenth of what the request costs. What waits (signing in, connecting) is a coroutine.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.logger import Logger

from services.http_proxy.answering import Answering
from services.http_proxy.errors import (
    Loop,
    OriginBroke,
    PortNotAllowed,
    TooSlow,
)
from services.http_proxy.fields import CHUNKED
from services.http_proxy.framing import chunk, last_chunk
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.render_heads import request_octets
from services.http_proxy.via import passed_through
from shared.accounts.http_credentials import CredentialsWanted
from shared.errors import DomainError
from shared.runtime.spawn import spawn

CLIENT_LEFT = 499  # the status that is counted when the client did not wait; nobody is told


class Exchange(Answering):
    """Owned by its client's connection until it is over; `origin` is its own from `_use` until then."""

    log = Logger()
    _retried = False

    # Before it leaves

    def start(self) -> None:
        """Answer it here, or find out who asks."""
        request = self.request
        if not request.authority or request.max_forwards == 0:
            self._answer_here()
            return
        authorization = request.authorization
        if authorization is not None:
            standing = self._parts.credentials.known(authorization)
            if standing is None:
                self._begin(self._sign_in(authorization))
            else:
                self._go(standing.account_id)
        elif self._client.is_open():
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
        account_id = await self._parts.credentials.check(authorization, self._client.peer.host, self._parts.name)
        if not self._over:
            self._go(account_id)

    def _go(self, account_id: int | None) -> None:
        """Judge the request, and take it to its origin."""
        request, parts = self.request, self._parts
        refused = self.passage.enter(account_id)
        if refused is None and request.via and passed_through(request.via, parts.pseudonym):
            refused = Loop()
        if refused is not None:
            self.refuse(refused)
            return
        if request.method == b"CONNECT":
            if request.port not in parts.connect_ports:
                self.refuse(PortNotAllowed())
                return
            self._reach()
            return
        pinned = self._client.pinned
        origin = None if pinned is None else pinned.take(account_id, request.authority)
        if origin is None:
            origin = parts.pool.take(request.authority, request.is_repeatable)
        if origin is None:
            self._reach()
            return
        refused = parts.gate.address_refusal(origin.address, account_id)
        if refused is not None:
            self._keep(origin)
            self.refuse(refused)
            return
        self._use(origin)

    def _reach(self) -> None:
        request, passage = self.request, self.passage
        asks = passage.account_id if passage.account_id is not None else self._client.peer.origin
        way = self._parts.connector.connect(
            request.authority, request.host, request.port, asks, passage.address_refusal, self._reached
        )
        if self._origin is None and not self._over:
            self._way = way

    def _reached(self, reached: OriginSide | Exception) -> None:
        self._way = None
        if isinstance(reached, OriginSide):
            self._use(reached)
            return
        if not isinstance(reached, DomainError):
            self.log.error("a request failed: {error}", error=repr(reached))
        self.refuse(reached)

    def _use(self, origin: OriginSide) -> None:
        """Ask the origin; the client's body follows as it comes."""
        self._origin = origin
        self.passage.address = origin.address
        if self.request.method == b"CONNECT":
            self._become_tunnel(b"HTTP/1.1 200 Connection established\r\n\r\n", b"")
            return
        origin.deadline = self._client.clock.seconds() + self._parts.patience.silence
        if self.request.signs_in_connection:
            origin.pinned = True
        origin.ask(self, request_octets(self.request, self._parts.pseudonym))
        if self._client.clogged:
            origin.pause()
        if not self.request_done:
            self._client.read_body()

    # What the client's side tells

    def request_body(self, octets: bytes) -> None:
        """More of the request's body."""
        origin = self._origin
        assert origin is not None
        passage = self.passage
        passage.sent += len(octets)
        origin.deadline = self._client.clock.seconds() + self._parts.patience.silence
        origin.send(chunk(octets) if self.request.body == CHUNKED else octets)
        if passage.sent + passage.received >= passage.tell_at:
            spent = passage.tell()
            if spent is not None:
                self.client_failed(spent)

    def request_ended(self, trailers: bytes) -> None:
        """All of the request's body has come."""
        self.request_done = True
        if self.request.body == CHUNKED and self._origin is not None:
            self._origin.send(last_chunk(trailers))

    def client_failed(self, error: DomainError) -> None:
        """The request's body is broken, does not come, or may not go on."""
        if self.passage.status:
            self._break()
        else:
            self.refuse(error)

    def client_silent(self) -> None:
        """The client neither sends its body nor takes the response."""
        self.client_failed(TooSlow())

    def client_half_closed(self) -> None:
        """The client says no more, but listens; or it is gone: what has not begun is not begun for it."""
        if not self.request_done or (self._way is not None and self._way.is_queued):
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
        self._client.hold()

    def origin_ready(self) -> None:
        """The origin takes more again."""
        self._client.go_on()

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
            self._reach()
            return
        self.origin_failed(OriginBroke())
