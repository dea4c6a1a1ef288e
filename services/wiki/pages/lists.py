"""Lists of pages: all of them, needed ones, orphans, those that link to a page, and what has changed."""

from __future__ import annotations

from itertools import groupby
from urllib.parse import quote

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.names import named, revision_of
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.errors import BadRequest
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.site.when import clock_element, day_in_words
from shared.wiki.backlinks import backlinks
from shared.wiki.list_pages import list_pages
from shared.wiki.name import MOST_CHARACTERS
from shared.wiki.needed_pages import Needed, needed_pages
from shared.wiki.orphans import orphans
from shared.wiki.recent_changes import recent_changes

MOST = 200  # names a page
MOST_CHANGES = 50
KINDS = {"created": "new", "deleted": "deleted", "undeleted": "undeleted", "renamed": "renamed", "attached": "file",
         "detached": "file removed"}  # fmt: skip


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/index`, `/needed`, `/orphans`, `/recent`, `/backlinks/…`."""
    route(app, parts, "/index", show_index)
    route(app, parts, "/needed", show_needed)
    route(app, parts, "/orphans", show_orphans)
    route(app, parts, "/recent", show_recent)
    route(app, parts, "/backlinks/<path:name>", show_backlinks)


async def show_index(parts: WikiParts, request: WebRequest) -> Answer:
    """All pages by name. Raises BadRequest, MayNotReadPages."""
    visitor = await reader_of_pages(parts, request)
    after = _after(request)
    lines = await parts.database.read(list_pages, after, MOST + 1)
    more = lines[MOST - 1].name if len(lines) > MOST else None
    return render(
        parts, visitor, "pages/index.html", lines=lines[:MOST], after=after, more=_further("/index", more), place="wiki"
    )


async def show_needed(parts: WikiParts, request: WebRequest) -> Answer:
    """What is linked to and missing, the most wanted first. Raises BadRequest, MayNotReadPages."""
    visitor = await reader_of_pages(parts, request)
    after = Needed(_after(request), wanted) if (wanted := revision_of(request.query.get("wanted"))) else None
    lines = await parts.database.read(needed_pages, after, MOST + 1)
    last = lines[MOST - 1] if len(lines) > MOST else None
    more = None if last is None else f"/needed?wanted={last.wanted_by}&after={quote(last.name, safe='')}"
    return render(parts, visitor, "pages/needed.html", lines=lines[:MOST], more=more, place="recent", which="needed")


async def show_orphans(parts: WikiParts, request: WebRequest) -> Answer:
    """Pages that nothing leads to. Raises BadRequest, MayNotReadPages."""
    visitor = await reader_of_pages(parts, request)
    names = await parts.database.read(orphans, _after(request), MOST + 1)
    more = names[MOST - 1] if len(names) > MOST else None
    return render(
        parts, visitor, "pages/orphans.html", names=names[:MOST], more=_further("/orphans", more), place="recent",
        which="orphans",
    )  # fmt: skip


async def show_backlinks(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The pages that link to one, which need not be there. Raises BadRequest, MayNotReadPages."""
    canonical = named(request, name, "/backlinks")
    visitor = await reader_of_pages(parts, request)
    names = await parts.database.read(backlinks, canonical, _after(request), MOST + 1)
    more = names[MOST - 1] if len(names) > MOST else None
    return render(
        parts, visitor, "pages/backlinks.html", name=canonical, names=names[:MOST],
        more=_further(f"/backlinks/{quote(canonical, safe='/')}", more), place="wiki", tab="backlinks", may_write=True,
    )  # fmt: skip


async def show_recent(parts: WikiParts, request: WebRequest) -> Answer:
    """What happened to the pages, newest first, by days. Raises BadPageName, MayNotReadPages."""
    visitor = await reader_of_pages(parts, request)
    before = revision_of(request.query.get("before"))
    changes = await parts.database.read(recent_changes, before, None, MOST_CHANGES + 1)
    more = f"/recent?before={changes[MOST_CHANGES - 1].id}" if len(changes) > MOST_CHANGES else None
    big_alone = "minor" in request.query
    shown = [each for each in changes[:MOST_CHANGES] if not (big_alone and each.minor)]
    now = parts.now()
    days = [(day, list(group)) for day, group in groupby(shown, lambda each: day_in_words(each.saved_at, now))]
    return render(
        parts, visitor, "pages/recent.html", days=days, more=more, kinds=KINDS, clock_of=clock_element, place="recent",
        which="minor" if big_alone else "recent",
    )  # fmt: skip


def _after(request: WebRequest) -> str:
    after = request.query.get("after", "")
    if len(after) > MOST_CHARACTERS or "\x00" in after:
        raise BadRequest("The query is no name of a page.")
    return after


def _further(path: str, after: str | None) -> str | None:
    return None if after is None else f"{path}?after={quote(after, safe='')}"
