"""The form in which a page is written."""

from __future__ import annotations

from typing import Any

from services.wiki.pages.access import check_writer, reader_of_pages
from services.wiki.pages.names import named, revision_of
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from shared.wiki.errors import PageMoved, PageNotFound
from shared.wiki.name import check_new_name
from shared.wiki.read_page import read_page


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/edit/…`."""
    route(app, parts, "/edit/<path:name>", show_edit)


async def show_edit(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The form with the page's text; of a page that is missing, an empty one. Raises MayNotWrite, BadPageName."""
    canonical = named(request, name, "/edit")
    check_new_name(canonical)
    revision = revision_of(request.query.get("revision"))
    visitor = await reader_of_pages(parts, request)
    writers, base, data = None, 0, ""
    try:
        page = await parts.database.read(read_page, canonical)
        writers, base, data = page.writers, page.revision, page.source
        if revision is not None:
            data = (await parts.database.read(read_page, canonical, revision)).source
    except PageMoved as error:
        canonical = error.to
        page = await parts.database.read(read_page, canonical)
        writers, base, data = page.writers, page.revision, page.source
    except PageNotFound:
        pass
    check_writer(parts, visitor, writers)
    return edit_form(parts, visitor, canonical, str(base), data)


def edit_form(
    parts: WikiParts, visitor: Visitor, name: str, base: str, data: str, *, status: int = 200, **values: Any
) -> Answer:
    """The form with this text. `why` is shown above it, `preview` beside it."""
    shown = {"comment": "", "minor": False, "preview": None, "fact": "", "why": "", "tone": "bad", **values}
    answer = render(
        parts,
        visitor,
        "pages/edit.html",
        status=status,
        name=name,
        base=base,
        data=data,
        place="wiki",
        tab="edit",
        **shown,
    )
    return answer._replace(cache=b"no-store")
