"""The calls of an origin's connection to its owner, an exchange or a tunnel."""

from __future__ import annotations

from typing import Protocol

from services.http_proxy.request_head import RequestHead
from services.http_proxy.response_head import ResponseHead
from shared.errors import DomainError


class OriginOwner(Protocol):
    """The owner while it has the connection."""

    def origin_lost(self) -> None:
        """The origin is gone, and not in order."""

    def origin_silent(self) -> None:
        """The origin said nothing for long."""

    def origin_clogged(self) -> None:
        """The origin does not take what the client sends: let the client wait."""

    def origin_ready(self) -> None:
        """The origin takes more again."""


class OriginAsker(OriginOwner, Protocol):
    """An exchange."""

    @property
    def request(self) -> RequestHead:
        """What was asked."""

    def interim(self, response: ResponseHead, rest: bytes) -> None:
        """A response 1xx; `rest` has come behind it."""

    def respond(self, response: ResponseHead, body: bytes) -> None:
        """The final response begins; `body` is what of it is here."""

    def pass_on(self, body: bytes) -> None:
        """More of the response's body."""

    def flush(self) -> None:
        """All of the octets that came together are passed on."""

    def response_ended(self, trailers: bytes) -> None:
        """The response is complete."""

    def fail(self, error: DomainError) -> None:
        """What the origin says cannot be passed on."""


class OriginTunnel(OriginOwner, Protocol):
    """A tunnel."""

    def take_from_origin(self, octets: bytes) -> None:
        """Octets for the client."""

    def origin_half_closed(self) -> None:
        """The origin has said all."""
