"""The site's own files, read once: a path that is not among them is not there, however it is written."""

from __future__ import annotations

import mimetypes
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.errors import NotHere
from services.wiki.site.ranges import with_range
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route

FOLDER = Path(__file__).parents[1] / "static"
LONG = b"public, max-age=31536000, immutable"  # asked for with its digest in the query: it never changes
SHORT, DAY = b"public, max-age=300", b"public, max-age=86400"


class StaticFile(NamedTuple):
    """A file as it is sent."""

    body: bytes
    content_type: bytes
    etag: str
    modified: bytes


def read_static(folder: Path = FOLDER) -> dict[str, StaticFile]:
    """All files of the folder by name."""
    return {str(file.relative_to(folder)): _read(file) for file in sorted(folder.rglob("*")) if file.is_file()}


def _read(file: Path) -> StaticFile:
    body = file.read_bytes()
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    modified = datetime.fromtimestamp(int(file.stat().st_mtime), UTC)
    etag = blake2b(body, digest_size=8).hexdigest()
    return StaticFile(body, kind.encode(), etag, format_datetime(modified, usegmt=True).encode())


FILES = read_static()


def versioned(name: str) -> str:
    """The path of a file with its digest, for templates."""
    return f"/static/{name}?{FILES[name].etag}="


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/static/…`."""
    route(app, parts, "/static/<path:name>", show_file)
    route(app, parts, "/robots.txt", show_robots)
    route(app, parts, "/favicon.ico", show_no_icon)


async def show_file(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """A file, or a range of it. Raises NotHere."""
    file = FILES.get(name)
    if file is None:
        raise NotHere
    cache = LONG if file.etag in request.query else SHORT
    fields = {b"last-modified": file.modified, b"accept-ranges": b"bytes"}
    held = request.getHeader(b"if-modified-since")
    if held == file.modified and request.getHeader(b"if-none-match") is None:
        return Answer(304, b"", file.content_type, fields, file.etag, cache=cache)
    return with_range(request, Answer(200, file.body, file.content_type, fields, file.etag, cache=cache))


async def show_no_icon(parts: WikiParts, request: WebRequest) -> Answer:
    """There is none: browsers ask with their first page, and are not sent a page that says so."""
    return Answer(204, b"", b"image/x-icon", cache=DAY)


async def show_robots(parts: WikiParts, request: WebRequest) -> Answer:
    """What crawlers should leave alone: views that have no end."""
    paths = ("/edit/", "/diff/", "/history/", "/search", "/live/", "/api/")
    lines = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in paths)
    return Answer(200, lines.encode(), b"text/plain; charset=utf-8", cache=SHORT)
