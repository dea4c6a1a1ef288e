"""Conditions of requests: If-None-Match and If-Match (RFC 9110 §13)."""

from __future__ import annotations

import re

from services.wiki.site.request import WebRequest

ANY = "*"
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def is_held(field: bytes, etag: str) -> bool:
    """Whether the client has that very representation (weak comparison)."""
    if field.strip() == b"*":
        return True
    wanted = etag.removeprefix("W/")
    return any(match[2] == wanted for match in _TAG.finditer(field.decode("latin-1")))


def tags_of(request: WebRequest, name: bytes) -> list[str] | None:
    """The opaque tags in the field; [ANY] for `*`; None without the field. A weak tag is given with its `W/`."""
    field = request.getHeader(name)
    if field is None:
        return None
    if field.strip() == b"*":
        return [ANY]
    return [(match[1] or "") + match[2] for match in _TAG.finditer(field.decode("latin-1"))]
