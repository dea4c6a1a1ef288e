"""Searching the pages."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from markupsafe import Markup, escape

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.names import revision_of
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.errors import BadRequest
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from shared.wiki.search_pages import search_pages

MOST = 20
LONGEST_QUERY = 500  # characters
FARTHEST = 10_000  # hits; whoever looks through more of them asks for other words


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/search`."""
    route(app, parts, "/search", show_search)


async def show_search(parts: WikiParts, request: WebRequest) -> Answer:
    """The form, and what was found. Raises BadRequest, MayNotReadPages."""
    visitor = await reader_of_pages(parts, request)
    words = request.query.get("q", "").strip()
    after = revision_of(request.query.get("after")) or 0
    if len(words) > LONGEST_QUERY or "\x00" in words or after > FARTHEST:
        raise BadRequest(f"A query has at most {LONGEST_QUERY} characters.")
    hits = await parts.database.read(search_pages, words, MOST + 1, after) if words else []
    more = f"/search?q={quote(words, safe='')}&after={after + MOST}" if len(hits) > MOST else None
    shown = [(hit, marked(hit.snippet, hit.marks)) for hit in hits[:MOST]]
    return render(
        parts, visitor, "pages/search.html", words=words, hits=shown, first=after + 1, more=more, place="search"
    )


def marked(text: str, marks: Sequence[tuple[int, int]]) -> Markup:
    """The text with `<mark>` where the marks are."""
    pieces, at = [], 0
    for begin, end in marks:
        pieces += [escape(text[at:begin]), Markup("<mark>{}</mark>").format(text[begin:end])]
        at = end
    return Markup("").join([*pieces, escape(text[at:])])
