"""The octets of a message, as every door has them, and what is attached to it. Nothing is run from this origin."""

from __future__ import annotations

from urllib.parse import quote

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import article_number, room_here
from services.wiki.site.answer import TEXT, Answer
from services.wiki.site.errors import NotHere
from services.wiki.site.ranges import with_range
from services.wiki.site.request import WebRequest
from shared.folders.errors import MessageNotFound
from shared.messages.reading import read_attachment
from shared.rooms.reading.articles import Article, by_number
from shared.runtime.in_thread import in_thread

# Kinds that a browser shows without running anything in them; all others are downloads of no particular kind.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
_SHOWN = PICTURES | {"text/plain"}
_DOWNLOAD = b"application/octet-stream"
_NO_CODE = b"default-src 'none'; sandbox"
_FOREVER = b"private, max-age=86400"  # a number never has other octets; who reads it may change


async def show_source(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """All octets as text. Raises RoomNotFound, SignInNeeded, ArticleNotFound."""
    article, octets = await _octets(parts, request, name, number)
    fields = {b"content-security-policy": _NO_CODE, b"content-disposition": b"inline"}
    # What its charset is differs from part to part; octets that are no UTF-8 are shown as such.
    answer = Answer(200, octets, TEXT, fields, etag=f"m{article.message_id}", cache=_FOREVER)
    return with_range(request, answer)


async def download_source(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """The same as a file for a mail program (RFC 5322)."""
    answer = await show_source(parts, request, name, number)
    fields = {**answer.fields, b"content-disposition": f'attachment; filename="{name}-{number}.eml"'.encode()}
    return answer._replace(content_type=b"message/rfc822", fields=fields)


async def show_attachment(parts: WikiParts, request: WebRequest, name: str, number: int, part: int) -> Answer:
    """A picture or plain text as such, anything else as a download. Raises NotHere besides."""
    article, octets = await _octets(parts, request, name, number)
    found = await in_thread(parts.database.clock, read_attachment, octets, part)
    if found is None:
        raise NotHere
    attachment, content = found
    is_shown = attachment.media_type in _SHOWN
    kind = _DOWNLOAD
    if is_shown:
        kind = TEXT if attachment.media_type == "text/plain" else attachment.media_type.encode()
    how = "inline" if is_shown else "attachment"
    fields = {
        b"content-security-policy": _NO_CODE,
        b"content-disposition": f"{how}; filename*=UTF-8''{quote(attachment.name, safe='')}".encode(),
    }
    answer = Answer(200, content, kind, fields, etag=f"m{article.message_id}-{part}", cache=_FOREVER)
    return with_range(request, answer)


async def _octets(parts: WikiParts, request: WebRequest, name: str, number: int) -> tuple[Article, bytes]:
    here = await room_here(parts, request, name)
    article = await parts.database.read(by_number, here.room.folder_id, article_number(number))
    octets = (await parts.bodies.load([article.message_id])).get(article.message_id)
    if octets is None:
        raise MessageNotFound
    return article, octets
