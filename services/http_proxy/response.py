"""The response to one request as its client gets it: its origin's, passed on as it comes, or one of the proxy's own."""

from __future__ import annotations

from services.http_proxy.client_owner import AnsweredClient
from services.http_proxy.framing import chunk, last_chunk
from services.http_proxy.own_answers import answer_here
from services.http_proxy.passage import Passage
from services.http_proxy.render_heads import interim_head, response_octets
from services.http_proxy.replies import reply_to, retry_after
from services.http_proxy.request_head import RequestHead
from services.http_proxy.response_head import ResponseHead
from shared.access.words.observer import Observer

MOST_INTERIM = 50  # responses 1xx to one request; more is a flood


class Response:
    """What has come of it is held until it is flushed. Nothing that has begun is ever made to look complete."""

    __slots__ = (
        "_begins_at", "_chunks", "_client", "_held", "_interim", "_observer", "_parts", "_passage", "_request",
        "closes",
    )  # fmt: skip

    def __init__(self, client: AnsweredClient, request: RequestHead, passage: Passage) -> None:
        self._client = client
        self._parts = client.parts
        self._request = request
        self._passage = passage
        self._held: list[bytes] = []  # for the client, until all that has just come is looked at
        self._begins_at: int | None = None  # where in what is held the final response begins, while none of it is sent
        self._interim = 0
        self._chunks = False
        self._observer: Observer | None = None
        self.closes = request.close  # whether the client's connection ends with it

    # The origin's

    def interim(self, head: ResponseHead) -> bool:
        """A response 1xx; False if it is one too many."""
        self._interim += 1
        if self._interim > MOST_INTERIM:
            return False
        if not self._request.is_old:
            self._held.append(interim_head(head, self._parts.pseudonym, None))
        return True

    def begin(self, head: ResponseHead, body: bytes, request_done: bool) -> None:
        """The final response begins; `body` is what of it is here, where its length is known."""
        request, parts = self._request, self._parts
        self._passage.status = head.status
        chunks = self._chunks = head.body < 0 and not request.is_old
        closes = self.closes = request.close or not request_done or self._client.is_leaving
        held = self._held
        self._begins_at = len(held)
        held.append(response_octets(head, parts.pseudonym, chunks, closes))
        if head.content_type and head.status == 200 and request.method != b"HEAD":
            self._observer = parts.gate.reader(
                self._passage.account_id, request.host, head.content_type, head.content_encoding
            )
        if body:
            self.pass_on(body)

    def pass_on(self, body: bytes) -> None:
        """More of the response's body."""
        self._passage.received += len(body)
        self._held.append(chunk(body) if self._chunks else body)
        if self._observer is not None:
            self._observer.feed(body)

    def flush(self) -> bool:
        """Send what is held; whether that was anything."""
        held = self._held
        if not held:
            return False
        octets = held[0] if len(held) == 1 else b"".join(held)
        held.clear()
        self._begins_at = None
        self._client.send(octets)
        return True

    def finish(self, trailers: bytes) -> None:
        """All of it has come."""
        held = self._held
        if self._chunks:
            held.append(last_chunk(trailers))
        if held:
            self._client.send(b"".join(held))
            held.clear()

    def withdraw(self) -> None:
        """Forget the final response, if nothing of it is sent: there will be another one instead."""
        if self._begins_at is not None:
            del self._held[self._begins_at :]
            self._begins_at = None
            self._passage.status = self._passage.received = 0

    def take_held(self) -> bytes:
        """Take the octets that would be sent next."""
        octets = b"".join(self._held)
        self._held.clear()
        return octets

    # The proxy's own

    def refuse(self, error: BaseException) -> None:
        """Send the proxy's own reply to this error."""
        reply = reply_to(error)
        self._decide_whether_it_closes()
        self._send_own(
            reply.status,
            reply.wire(close=self.closes, with_body=self._request.method != b"HEAD", more=retry_after(error, reply)),
        )

    def answer_here(self) -> None:
        """Send the proxy's answer to a request for itself."""
        self._decide_whether_it_closes()
        self._send_own(*answer_here(self._parts, self._request, self._client.local_authority(), self.closes))

    def _decide_whether_it_closes(self) -> None:
        """The body of a request that goes nowhere is not read: the connection ends with it."""
        self.closes = self.closes or self._request.body != 0 or self._client.is_leaving

    def _send_own(self, status: int, octets: bytes) -> None:
        self._passage.status = status
        self._held.append(octets)
        self.flush()

    # The end

    def over(self, complete: bool) -> None:
        """Nothing more is sent; what is held is not, either."""
        self._held.clear()
        if self._observer is not None:
            self._observer.end(complete)
