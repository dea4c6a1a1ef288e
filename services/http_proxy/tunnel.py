"""Two connections that pass on everything: what CONNECT and Upgrade lead to (RFC 9110 §9.3.6, §7.8)."""

from __future__ import annotations

from services.http_proxy.client_owner import AnsweredClient
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.passage import Passage

CLOSING_SECONDS = 20.0  # an origin that does not take the last octets is cut off
OPENED = 200  # the status that a tunnel is counted with


class Tunnel:
    """Takes the exchange's place on both sides. When one side has sent everything, the other may go on."""

    __slots__ = (
        "_client", "_client_done", "_clock", "_origin", "_origin_done", "_over", "_passage", "_patience",
    )  # fmt: skip

    def __init__(self, client: AnsweredClient, origin: OriginSide, passage: Passage) -> None:
        self._client = client
        self._origin: OriginSide | None = origin
        self._passage = passage
        passage.status = OPENED
        self._clock = client.clock
        self._patience = client.parts.patience.tunnel
        self._client_done = self._origin_done = self._over = False

    @property
    def account_id(self) -> int | None:
        """Whose it is."""
        return self._passage.account_id

    def begin(self, answer: bytes, from_origin: bytes) -> None:
        """Say `answer` to the client, then pass on; `from_origin` has come already, and the client may be ahead."""
        origin = self._origin
        assert origin is not None
        origin.become_tunnel(self)
        origin.deadline = self._clock.seconds() + self._patience
        self._client.send(answer)
        if from_origin:
            self.take_from_origin(from_origin)
        self._client.become_tunnel(self)

    def take_from_client(self, octets: bytes) -> None:
        """To the origin."""
        origin = self._origin
        if origin is not None:
            self._passage.sent += len(octets)
            origin.deadline = self._clock.seconds() + self._patience
            origin.send(octets)
            self._ask_on()

    def take_from_origin(self, octets: bytes) -> None:
        """To the client."""
        origin = self._origin
        if origin is not None:
            self._passage.received += len(octets)
            origin.deadline = self._clock.seconds() + self._patience
            self._client.send(octets)
            self._ask_on()

    def _ask_on(self) -> None:
        passage = self._passage
        if passage.sent + passage.received >= passage.count_at and passage.count_so_far() is not None:
            self._end()
            self._client.cut_off()

    def client_half_closed(self) -> None:
        """The client has said all."""
        self._client_done = True
        if self._origin_done:
            self._close()
        elif self._origin is not None:
            self._origin.say_no_more()

    def origin_half_closed(self) -> None:
        """The origin has said all: the client may still talk, if its connection can be closed by halves."""
        self._origin_done = True
        if self._client_done or not self._client.say_no_more():
            self._close()

    def client_clogged(self) -> None:
        """The client does not take what comes: let the origin wait."""
        if self._origin is not None:
            self._origin.pause()

    def client_ready(self) -> None:
        """The client takes more again."""
        if self._origin is not None and self._origin.paused:
            self._origin.resume()

    def origin_clogged(self) -> None:
        """The origin does not take what comes: let the client wait."""
        self._client.hold()

    def origin_ready(self) -> None:
        """The origin takes more again."""
        self._client.go_on()

    def client_lost(self) -> None:
        """The client is gone; its last octets are still sent to the origin if it closed in order."""
        self._end()

    def client_silent(self) -> None:
        """The client does not take what comes."""
        self._end()
        self._client.cut_off()

    def origin_lost(self) -> None:
        """The origin is gone, and not in order."""
        self._end()
        self._client.cut_off()

    def origin_silent(self) -> None:
        """Nothing was passed on for long."""
        self._close()

    def _close(self) -> None:
        """Close the client's side when all is sent."""
        self._end()
        self._client.exchange_over(True)

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        origin, self._origin = self._origin, None
        if origin is not None:
            origin.close()
            origin.deadline = self._clock.seconds() + CLOSING_SECONDS
        self._passage.over()
