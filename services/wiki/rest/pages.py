"""Pages by REST: list, read, save, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.wiki.calls.caller import Caller
from services.wiki.calls.read_pages import find_page, html_of, may_read, text_of
from services.wiki.calls.results import PageText, SavedPage
from services.wiki.calls.save_pages import delete, save
from services.wiki.rest.conditions import conditions_of
from services.wiki.rest.cursor import cursor_of, place_of
from services.wiki.rest.endpoint import Endpoint, Query
from services.wiki.rest.lists import CURSOR, LIMIT
from services.wiki.rest.result import RestAsked, Result, tag
from services.wiki.rest.source import SOURCES, source_of, wants_source
from shared.wiki.list_pages import list_pages
from shared.wiki.name import page_path


class PageSummary(NamedTuple):
    """A page in a list; its size is that of its source in UTF-8."""

    name: str
    revision: int
    size_octets: int
    author: str
    saved_at: datetime


class PageList(NamedTuple):
    """Some pages by name; `next` is the cursor of those behind them, null at the end."""

    pages: Sequence[PageSummary]
    next: str | None


class PageEdit(NamedTuple):
    """A page to be saved. `base`: the revision that was edited; what others changed since is merged, or a conflict."""

    source: str
    comment: str = ""
    minor: bool = False
    base: int | None = None


class PageHtml(NamedTuple):
    """A page as an HTML fragment, sanitised."""

    name: str
    revision: int
    html: str


async def list_all(caller: Caller, asked: RestAsked) -> Result:
    """The pages by name."""
    may_read(caller)
    after = place_of(asked.query["cursor"], str)[0] if asked.query["cursor"] else ""
    most = asked.query["limit"]
    lines = await caller.parts.database.read(list_pages, after, most)
    pages = [PageSummary(each.name, each.revision, each.octets, each.author, each.saved_at) for each in lines]
    return Result(PageList(pages, cursor_of(pages[-1].name) if len(pages) == most else None))


async def read(caller: Caller, asked: RestAsked) -> Result:
    """A page; its source alone where text/markdown or text/plain is wanted."""
    page = await find_page(caller, asked.path["name"])
    fields = {b"etag": tag(page.revision)}
    if (media := wants_source(asked.accept)) is not None:
        return Result(fields=fields, octets=page.source.encode(), media=media)
    return Result(text_of(page), fields=fields)


async def read_html(caller: Caller, asked: RestAsked) -> Result:
    """A page as HTML."""
    page = await find_page(caller, asked.path["name"])
    return Result(PageHtml(page.name, page.revision, await html_of(caller, page)))


async def put(caller: Caller, asked: RestAsked) -> Result:
    """Save a page: 201 where it is new."""
    edit: PageEdit = asked.body or PageEdit(source_of(asked.octets), base=asked.query["base"])
    conditions = conditions_of(asked.if_match, asked.if_none_match)
    saved = await save(
        caller,
        asked.path["name"],
        edit.source,
        base=edit.base if edit.base is not None else asked.query["base"],
        comment=edit.comment,
        minor=edit.minor,
        only_if=conditions.only_if,
        only_new=conditions.only_new,
    )
    fields: Mapping[bytes, bytes] = {b"etag": tag(saved.revision)}
    if saved.created:
        fields = {**fields, b"location": page_path(saved.name).encode()}
    value = SavedPage(saved.name, saved.revision, saved.created, saved.merged, saved.changed)
    return Result(value, 201 if saved.created else 200, fields)


async def remove(caller: Caller, asked: RestAsked) -> Result:
    """Delete a page; its history stays."""
    await delete(caller, asked.path["name"])
    return Result(status=204)


BASE = Query("base", int, "The revision that was edited: as `base` in the body.", least=0)
ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/pages", "listPages", "List the pages by name.", list_all, PageList, (LIMIT, CURSOR)),
    Endpoint("GET", "/pages/{name}", "readPage", "Read a page.", read, PageText, media=SOURCES),
    Endpoint("PUT", "/pages/{name}", "savePage", "Save a page.", put, SavedPage, (BASE,), PageEdit, (200, 201),
             (403, 409, 412, 413, 415), bodies=SOURCES, conditions=True),
    Endpoint("DELETE", "/pages/{name}", "deletePage", "Delete a page.", remove, statuses=(204,), problems=(403,)),
    Endpoint("GET", "/pages/{name}/html", "renderPage", "Read a page as HTML.", read_html, PageHtml),
)  # fmt: skip
