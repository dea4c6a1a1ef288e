"""The search page: pages of the wiki, and with them messages of rooms and posts of the weblog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.names import revision_of
from services.wiki.parts import WikiParts
from services.wiki.search.marked import marked
from services.wiki.search.messages import FARTHEST, FoundMessages, find_messages
from services.wiki.site.answer import Answer
from services.wiki.site.errors import BadRequest
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import visitor_of
from shared.wiki.search_pages import Hit, search_pages

MOST = 20
MOST_BESIDE = 10  # messages beside pages
LONGEST_QUERY = 500  # characters
ROOMS = "rooms"  # as `in`: messages alone
NO_MESSAGES = FoundMessages((), has_more=False, is_complete=True)


class SearchAsked(NamedTuple):
    """What is looked for; `after` so many hits, which are messages alone where `rooms` says so."""

    words: str
    after: int
    rooms: bool


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/search`."""
    route(app, parts, "/search", show_search)


async def show_search(parts: WikiParts, request: WebRequest) -> Answer:
    """The form, and what was found. Raises BadRequest, MayNotReadPages."""
    asked = _asked(request)
    visitor = await (visitor_of if asked.rooms else reader_of_pages)(parts, request)
    hits: Sequence[Hit] = ()
    found = NO_MESSAGES
    if asked.words and not asked.rooms:
        hits = await parts.database.read(search_pages, asked.words, MOST + 1, asked.after)
    if asked.words and (asked.rooms or not asked.after):
        most = MOST if asked.rooms else MOST_BESIDE
        found = await find_messages(parts, visitor.account, asked.words, most, asked.after if asked.rooms else 0)
    pages: Sequence[tuple[Hit, Markup]] = [(hit, marked(hit.snippet, hit.marks)) for hit in hits[:MOST]]
    address = f"/search?q={quote(asked.words, safe='')}"
    in_rooms = f"{address}&in={ROOMS}"
    return render(
        parts, visitor, "search/search.html", words=asked.words, hits=pages, found=found,
        messages=[(each, marked(*each.snippet)) for each in found.messages], first=asked.after + 1,
        more=f"{address}&after={asked.after + MOST}" if len(hits) > MOST else None, in_rooms=asked.rooms,
        more_messages=_further(in_rooms, asked, found), everything=address, rooms_alone=in_rooms, place="search",
    )  # fmt: skip


def _asked(request: WebRequest) -> SearchAsked:
    words, where = request.query.get("q", "").strip(), request.query.get("in", "")
    after = revision_of(request.query.get("after")) or 0
    if len(words) > LONGEST_QUERY or "\x00" in words or after > FARTHEST:
        raise BadRequest(f"A query has at most {LONGEST_QUERY} characters.")
    if where not in ("", ROOMS):
        raise BadRequest(f"The field in is {ROOMS}, or missing.")
    return SearchAsked(words, after, where == ROOMS)


def _further(in_rooms: str, asked: SearchAsked, found: FoundMessages) -> str | None:
    if not found.has_more:
        return None
    return f"{in_rooms}&after={asked.after + MOST}" if asked.rooms else in_rooms
