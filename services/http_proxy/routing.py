"""The routing of a request, before it is sent: who asks, whether they may, and a connection to its origin.

Callbacks, not a coroutine: a request on an open connection to its origin goes through without one Deferred, because
each would cost a tenth of what the request costs. Only sign-in, which waits for the store, is a coroutine.
"""

from __future__ import annotations

from functools import partial
from typing import Protocol

from twisted.logger import Logger

from services.http_proxy.client_owner import AnsweredClient
from services.http_proxy.errors import Loop, PortNotAllowed
from services.http_proxy.idle_origins import keep_idle, take_idle
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.passage import Passage
from services.http_proxy.request_head import RequestHead
from services.http_proxy.via import passed_through
from shared.accounts.http_credentials import CredentialsWanted
from shared.errors import DomainError
from shared.reach.connector import Connecting
from shared.runtime.spawn import spawn

_log = Logger()


class Routed(Protocol):
    """An exchange whose request is to be sent."""

    connecting: Connecting[OriginSide] | None  # while a connection to the origin is being made

    @property
    def client(self) -> AnsweredClient:
        """The client's connection."""

    @property
    def request(self) -> RequestHead:
        """The request."""

    @property
    def passage(self) -> Passage:
        """The passage of the request."""

    @property
    def awaits_origin(self) -> bool:
        """Whether it is neither over nor has a connection to its origin."""

    def use(self, origin: OriginSide) -> None:
        """Send the request there."""

    def refuse(self, error: BaseException) -> None:
        """Refuse the request with the reply to this error."""


def route(exchange: Routed) -> None:
    """Find the account, judge the request, and have it sent or refused, now or later."""
    client, authorization = exchange.client, exchange.request.authorization
    if authorization is not None:
        proof = client.parts.credentials.known(authorization)
        if proof is None:
            spawn(_sign_in(exchange, authorization), "signing in at the proxy")
        else:
            _judge(exchange, proof.account_id)
    elif client.is_open():
        _judge(exchange, None)
    else:
        exchange.refuse(CredentialsWanted())


def connect(exchange: Routed) -> None:
    """Have a new connection to the request's origin made for it."""
    client, request, passage = exchange.client, exchange.request, exchange.passage
    asks = passage.account_id if passage.account_id is not None else client.peer.network
    connecting = client.parts.connector.connect(
        request.authority, request.host, request.port, asks, passage.address_refusal, partial(_connected, exchange)
    )
    if exchange.awaits_origin:  # it may be there already
        exchange.connecting = connecting


async def _sign_in(exchange: Routed, authorization: bytes) -> None:
    """Whatever goes wrong, the client gets an answer."""
    client = exchange.client
    try:
        account_id = await client.parts.credentials.check(authorization, client.peer.host, client.parts.name)
        if exchange.awaits_origin:
            _judge(exchange, account_id)
    except DomainError as error:
        exchange.refuse(error)
    except Exception as error:
        _log.failure("a request failed")
        exchange.refuse(error)


def _judge(exchange: Routed, account_id: int | None) -> None:
    client, request = exchange.client, exchange.request
    parts = client.parts
    refused = exchange.passage.enter(account_id)
    if refused is None and request.via and passed_through(request.via, parts.pseudonym):
        refused = Loop()
    is_tunnel = request.method == b"CONNECT"
    if refused is None and is_tunnel and request.port not in parts.connect_ports:
        refused = PortNotAllowed()
    if refused is not None:
        exchange.refuse(refused)
        return
    origin = None if is_tunnel else take_idle(client, account_id, request)
    if origin is None:
        connect(exchange)
        return
    refused = parts.gate.address_refusal(origin.address, account_id)
    if refused is None:
        exchange.use(origin)
    else:
        keep_idle(client, account_id, origin, closes=request.close)
        exchange.refuse(refused)


def _connected(exchange: Routed, outcome: OriginSide | Exception) -> None:
    exchange.connecting = None
    if isinstance(outcome, OriginSide):
        exchange.use(outcome)
        return
    if not isinstance(outcome, DomainError):
        _log.error("a request failed: {error}", error=repr(outcome))
    exchange.refuse(outcome)
