"""Finding by REST: search in pages, rooms and the weblog; needed pages, links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import WrongArguments
from services.wiki.calls.list_pages import all_needed
from services.wiki.calls.read_pages import may_read
from services.wiki.calls.results import FoundPage, WantedPage
from services.wiki.rest.cursor import cursor_of, place_of
from services.wiki.rest.endpoint import Endpoint, Query
from services.wiki.rest.lists import CURSOR
from services.wiki.rest.result import RestAsked, Result
from services.wiki.search.messages import FARTHEST, FoundMessage, find_messages
from shared.wiki.backlinks import backlinks
from shared.wiki.name import page_name
from shared.wiki.search_pages import search_pages


class FoundArticle(NamedTuple):
    """A message of a room that has all the words; `path` is its page on the site, in the weblog for a post of it."""

    room: str
    number: int
    path: str
    subject: str
    author: str
    came_at: datetime
    snippet: str


class SearchResults(NamedTuple):
    """The pages that have all the words, best first; and the messages, newest first, that the caller may read.

    `next` is the cursor of further messages, null at the end. `complete` is false while messages are being indexed.
    """

    found: Sequence[FoundPage]
    messages: Sequence[FoundArticle]
    next: str | None
    complete: bool


class NeededPages(NamedTuple):
    """What is linked to and not there, most wanted first."""

    needed: Sequence[WantedPage]


class PageNames(NamedTuple):
    """Names of pages, sorted."""

    pages: Sequence[str]


async def search(caller: Caller, asked: RestAsked) -> Result:
    """Pages and messages, or one of them; further messages come without pages."""
    words, most, where = asked.query["q"], asked.query["limit"], asked.query["in"]
    if where not in ("", PAGES, ROOMS):
        raise WrongArguments(f"in is {PAGES} or {ROOMS}, or missing")
    after = _after(asked.query["cursor"])
    pages: Sequence[FoundPage] = ()
    if where != ROOMS and not after:
        may_read(caller)
        hits = await caller.parts.database.read(search_pages, words, most)
        pages = [FoundPage(hit.name, hit.title, hit.snippet, hit.saved_at) for hit in hits]
    if where == PAGES or not words:
        return Result(SearchResults(pages, (), None, complete=True))
    found = await find_messages(caller.parts, caller.account, words, most, after)
    following = cursor_of(after + most) if found.has_more and after + most <= FARTHEST else None
    return Result(SearchResults(pages, [*map(_shown, found.messages)], following, found.is_complete))


def _after(cursor: str) -> int:
    after = place_of(cursor, int)[0] if cursor else 0
    if not 0 <= after <= FARTHEST:
        raise WrongArguments("the cursor is not one that was given here")
    return int(after)


def _shown(found: FoundMessage) -> FoundArticle:
    return FoundArticle(
        found.room, found.number, found.path, found.subject, found.author, found.came_at, found.snippet.text
    )


async def list_needed(caller: Caller, _asked: RestAsked) -> Result:
    """What is needed."""
    return Result(NeededPages([WantedPage(each.name, each.wanted_by) for each in await all_needed(caller)]))


async def list_backlinks(caller: Caller, asked: RestAsked) -> Result:
    """The pages that link to a page, be it there or not."""
    may_read(caller)
    return Result(PageNames(list(await caller.parts.database.read(backlinks, page_name(asked.path["name"])))))


PAGES, ROOMS = "pages", "rooms"
WORDS = Query("q", str, "Words, all of which a page or a message must have.", "")
MOST_FOUND = Query("limit", int, "How many of each at most, from 1 to 50.", 20, 1, 50)
WHERE = Query("in", str, f"What is searched: {PAGES}, or {ROOMS} with the weblog; both where it is missing.", "")
ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/search", "searchAll", "Search pages, messages of rooms and posts of the weblog.", search,
             SearchResults, (WORDS, WHERE, MOST_FOUND, CURSOR)),
    Endpoint("GET", "/needed", "listNeededPages", "List what pages link to and that is no page.", list_needed,
             NeededPages),
    Endpoint("GET", "/pages/{name}/backlinks", "listBacklinks", "List the pages that link to a page.", list_backlinks,
             PageNames),
)  # fmt: skip
