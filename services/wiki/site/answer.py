"""The answer to a request, as a handler makes it; send.py adds what every answer has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from services.wiki.site.request import WebRequest

HTML = b"text/html; charset=utf-8"
TEXT = b"text/plain; charset=utf-8"
PROBLEM = b"application/problem+json"


class Answer(NamedTuple):
    """`etag` is without its quotes; a leading `W/` makes it weak. An answer of 200 that has one is a 304 to who has it.

    `stream` is called once the head is sent, and ends the request itself (server-sent events).
    """

    status: int = 200
    body: bytes = b""
    content_type: bytes = HTML
    fields: Mapping[bytes, bytes] = {}  # never changed
    etag: str = ""
    reason: bytes = b""  # where it is not the usual one
    cache: bytes = b"private, no-cache"  # asked for again each time, by its ETag
    cookies: tuple[bytes, ...] = ()
    stream: Callable[[WebRequest], None] | None = None


def see_other(path: str, *cookies: bytes) -> Answer:
    """303: what was asked is done, and the browser goes on there. `path` is of this site, encoded."""
    return Answer(303, b"", TEXT, {b"location": path.encode("ascii")}, cache=b"no-store", cookies=cookies)


def moved(path: str) -> Answer:
    """301 to the one spelling of a path."""
    return Answer(301, b"", TEXT, {b"location": path.encode("ascii")}, cache=b"no-cache")


def found(path: str) -> Answer:
    """302."""
    return Answer(302, b"", TEXT, {b"location": path.encode("ascii")}, cache=b"no-store")


def text_answer(text: str, status: int = 200, **more: object) -> Answer:
    """A line or more of plain text."""
    return Answer(status, text.encode(), TEXT, **more)  # type: ignore[arg-type]
