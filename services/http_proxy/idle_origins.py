"""Idle connections to origins, as a client's requests take and leave them: its own first, then everybody's."""

from __future__ import annotations

from services.http_proxy.client_owner import AnsweredClient
from services.http_proxy.origin_side import OriginSide
from services.http_proxy.pinned import Pinned
from services.http_proxy.request_head import RequestHead


def take_idle(client: AnsweredClient, account_id: int | None, request: RequestHead) -> OriginSide | None:
    """A connection that `request` may be sent on, or None."""
    if client.pinned is not None:
        origin = client.pinned.take(account_id, request.authority)
        if origin is not None:
            return origin
    return client.parts.pool.take(request.authority, request.is_repeatable)


def keep_idle(client: AnsweredClient, account_id: int | None, origin: OriginSide, *, closes: bool) -> None:
    """Put a connection as good as new where the next request finds it; `closes`: this client will send none."""
    if not origin.pinned:
        client.parts.pool.put(origin)
    elif closes or client.is_leaving:
        origin.abort()
    else:
        if client.pinned is None:
            client.pinned = Pinned()
        client.pinned.put(account_id, origin)
