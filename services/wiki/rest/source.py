"""Sources of pages as they are, beside JSON."""

from __future__ import annotations

from services.wiki.calls.errors import Unreadable

SOURCES = ("text/markdown", "text/plain")
_FIELD = "; charset=utf-8"


def wants_source(accept: str) -> str | None:
    """The type of a source, where the Accept field asks for one before JSON; None for JSON."""
    for each in accept.split(","):
        media = each.partition(";")[0].strip().lower()
        if media in SOURCES:
            return media + _FIELD
        if media in ("application/json", "*/*", "application/*"):
            return None
    return None


def source_of(octets: bytes) -> str:
    """Raises Unreadable for what is not UTF-8."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise Unreadable("the body is not UTF-8") from None
