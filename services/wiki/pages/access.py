"""Who reads and writes pages here. Strangers who may not are asked to sign in, a browser by the form."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.errors import SignInNeeded
from services.wiki.site.negotiate import HTML, error_type
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of
from shared.wiki.policy import check_reading, check_writing, may_read_pages


async def reader_of_pages(parts: WikiParts, request: WebRequest) -> Visitor:
    """The visitor, who may read the wiki. Raises SignInNeeded, MayNotReadPages, and what visitor_of() raises."""
    visitor = await visitor_of(parts, request)
    if visitor.account is None and not may_read_pages(parts.policy, None):
        raise SignInNeeded
    check_reading(parts.policy, visitor.account)
    return visitor


def check_writer(parts: WikiParts, visitor: Visitor, writers: str | None = None) -> None:
    """`writers` are the page's own. Raises MayNotWrite, by which a stranger is asked to sign in."""
    check_writing(parts.policy, visitor.author, writers)


def is_browser(request: WebRequest) -> bool:
    """Whether it names HTML as what it wants."""
    return error_type(request.getHeader(b"accept") or b"") == HTML
