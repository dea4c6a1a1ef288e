"""The calls between a client's connection and its owner, an exchange or a tunnel, in both directions."""

from __future__ import annotations

from typing import Protocol

from services.http_proxy.parts import ProxyParts
from services.http_proxy.pinned import Pinned
from shared.clock import Clock
from shared.conversation.peer import Peer


class ClientOwner(Protocol):
    """An exchange or a tunnel, while the client's connection is its own."""

    @property
    def account_id(self) -> int | None:
        """The account that it is for."""

    def client_half_closed(self) -> None:
        """The client says no more, but may listen."""

    def client_silent(self) -> None:
        """The client neither sends its body nor takes the response."""

    def client_lost(self) -> None:
        """The client is gone."""

    def client_clogged(self) -> None:
        """The client does not take what comes: let the origin wait."""

    def client_ready(self) -> None:
        """The client takes more again."""


class ClientTunnel(ClientOwner, Protocol):
    """A tunnel."""

    def take_from_client(self, octets: bytes) -> None:
        """Octets for the origin."""


class AnsweredClient(Protocol):
    """The client's connection."""

    parts: ProxyParts
    peer: Peer
    clock: Clock
    clogged: bool  # the client does not take what is sent
    is_leaving: bool  # the connection ends with this exchange
    pinned: Pinned | None

    def is_open(self) -> bool:
        """Whether clients at this address need not sign in."""

    def local_authority(self) -> bytes:
        """The address and port of ours that the client has connected to, as a URL has them."""

    def send(self, octets: bytes) -> None:
        """Send octets of a response."""

    def say_no_more(self) -> bool:
        """Close our half, once all is sent; False if this connection has no halves."""

    def read_body(self) -> None:
        """Give the exchange what comes of the request's body."""

    def become_tunnel(self, tunnel: ClientTunnel) -> None:
        """What comes from now on is the tunnel's."""

    def exchange_over(self, close: bool) -> None:
        """The response is sent: the next request's turn, or the end."""

    def cut_off(self) -> None:
        """Close at once."""

    def hold(self) -> None:
        """The origin does not take what the client sends: read no more."""

    def go_on(self) -> None:
        """The origin takes more again."""
