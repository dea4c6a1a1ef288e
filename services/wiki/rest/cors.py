"""Cross-origin requests of browsers (Fetch Standard §3.2), allowed for the origins that the operator names.

A script of another site signs each request itself, by Authorization. Cookies are never its credentials: no answer has
Access-Control-Allow-Credentials.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

ANY = "*"
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
ASKED = b"Authorization, Content-Type, Accept, If-Match, If-None-Match, Idempotency-Key"
TOLD = b"ETag, Link, Location, RateLimit, RateLimit-Policy, Retry-After"
PREFLIGHT_SECONDS = 7200  # what browsers keep at most


def cors_fields(allowed: Collection[str], origin: bytes | None) -> Mapping[bytes, bytes]:
    """The fields of an answer to a page of `origin`; none where no origin is allowed."""
    if not allowed:
        return {}
    if ANY in allowed:
        return {b"access-control-allow-origin": b"*", b"access-control-expose-headers": TOLD}
    if origin is None or origin.decode("latin-1").lower() not in allowed:
        return {b"vary": b"Origin"}
    return {b"access-control-allow-origin": origin, b"access-control-expose-headers": TOLD, b"vary": b"Origin"}


def preflight_fields(allowed: Collection[str], origin: bytes | None) -> Mapping[bytes, bytes]:
    """The fields of an answer to OPTIONS with Access-Control-Request-Method."""
    fields = cors_fields(allowed, origin)
    if b"access-control-allow-origin" not in fields:
        return fields
    return {
        **fields,
        b"access-control-allow-methods": METHODS,
        b"access-control-allow-headers": ASKED,
        b"access-control-max-age": b"%d" % PREFLIGHT_SECONDS,
    }
