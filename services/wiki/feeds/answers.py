"""A feed as the answer to a request: made only where the client has not got it (RFC 9110 §13)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from services.wiki.feeds.feed import ATOM, RSS, SiteFeed, atom, rss
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.conditions import is_held
from services.wiki.site.request import WebRequest

KINDS = {"atom": (ATOM, atom), "rss": (RSS, rss)}


async def feed_answer(
    parts: WikiParts,
    request: WebRequest,
    kind: str,
    state: str,
    changed_at: datetime,
    make: Callable[[], Awaitable[SiteFeed]],
) -> Answer:
    """304 where the client has the feed of that `state` or since `changed_at`; else what `make` gives, as `kind`."""
    content_type, written = KINDS[kind]
    own = f"{kind} {base_url(parts, request)} {state}"
    etag = blake2b(own.encode(), digest_size=12).hexdigest()
    changed_at = changed_at.astimezone(UTC).replace(microsecond=0)
    fields = {b"last-modified": format_datetime(changed_at, usegmt=True).encode()}
    held = request.getHeader(b"if-none-match")
    if held is not None:
        if is_held(held, etag):
            return Answer(304, b"", content_type.encode(), fields, etag=etag)
    elif _has_since(request, changed_at):
        return Answer(304, b"", content_type.encode(), fields, etag=etag)
    return Answer(200, written(await make()), content_type.encode(), fields, etag=etag)


def base_url(parts: WikiParts, request: WebRequest) -> str:
    """`https://example.org`: as the operator says, else as the client does."""
    if parts.settings.web_url:
        return parts.settings.web_url
    host = (request.getHeader(b"host") or b"localhost").decode("ascii", "replace")
    return f"{'https' if request.secure else 'http'}://{host}"


def _has_since(request: WebRequest, changed_at: datetime) -> bool:
    field = request.getHeader(b"if-modified-since")
    if field is None:
        return False
    try:
        since = parsedate_to_datetime(field.decode("ascii", "replace"))
    except (ValueError, TypeError, IndexError):
        return False
    return since.tzinfo is not None and changed_at <= since
