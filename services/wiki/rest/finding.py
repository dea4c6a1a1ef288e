"""Finding pages by REST: search, needed pages, links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.list_pages import all_needed
from services.wiki.calls.read_pages import may_read
from services.wiki.calls.results import FoundPage, WantedPage
from services.wiki.rest.endpoint import Endpoint, Query
from services.wiki.rest.result import RestAsked, Result
from shared.wiki.backlinks import backlinks
from shared.wiki.name import page_name
from shared.wiki.search_pages import search_pages


class FoundPages(NamedTuple):
    """The pages that have all the words, best first."""

    found: Sequence[FoundPage]


class NeededPages(NamedTuple):
    """What is linked to and not there, most wanted first."""

    needed: Sequence[WantedPage]


class PageNames(NamedTuple):
    """Names of pages, sorted."""

    pages: Sequence[str]


async def search(caller: Caller, asked: RestAsked) -> Result:
    """The pages that have the words."""
    may_read(caller)
    hits = await caller.parts.database.read(search_pages, asked.query["q"], asked.query["limit"])
    return Result(FoundPages([FoundPage(hit.name, hit.title, hit.snippet, hit.saved_at) for hit in hits]))


async def list_needed(caller: Caller, _asked: RestAsked) -> Result:
    """What is needed."""
    return Result(NeededPages([WantedPage(each.name, each.wanted_by) for each in await all_needed(caller)]))


async def list_backlinks(caller: Caller, asked: RestAsked) -> Result:
    """The pages that link to a page, be it there or not."""
    may_read(caller)
    return Result(PageNames(list(await caller.parts.database.read(backlinks, page_name(asked.path["name"])))))


WORDS = Query("q", str, "Words, all of which a page must have.", "")
MOST_FOUND = Query("limit", int, "How many at most, from 1 to 50.", 20, 1, 50)
ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/search", "searchPages", "Search the pages.", search, FoundPages, (WORDS, MOST_FOUND)),
    Endpoint("GET", "/needed", "listNeededPages", "List what pages link to and that is no page.", list_needed,
             NeededPages),
    Endpoint("GET", "/pages/{name}/backlinks", "listBacklinks", "List the pages that link to a page.", list_backlinks,
             PageNames),
)  # fmt: skip
