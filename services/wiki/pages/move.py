"""Renaming, deleting and undeleting a page with a browser."""

from __future__ import annotations

from services.wiki.pages.names import named
from services.wiki.pages.said import said_cookie
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import SignInNeeded
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_csrf, visitor_of
from shared.wiki.delete_page import delete_page
from shared.wiki.name import page_path
from shared.wiki.read_page import read_page
from shared.wiki.rename_page import rename_page
from shared.wiki.undelete_page import undelete_page

DOOR = "web"


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/rename/…`, `/delete/…`, `/undelete/…`."""
    route(app, parts, "/rename/<path:name>", ask_rename)
    route(app, parts, "/rename/<path:name>", rename, "POST")
    route(app, parts, "/delete/<path:name>", delete, "POST")
    route(app, parts, "/undelete/<path:name>", undelete, "POST")


async def ask_rename(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The forms that rename and delete. Raises PageNotFound, SignInNeeded."""
    canonical = named(request, name, "/rename")
    visitor = await visitor_of(parts, request)
    if visitor.account is None:
        return see_other(f"/sign-in?then=/rename{page_path(canonical)}")
    page = await parts.database.read(read_page, canonical)
    return render(parts, visitor, "pages/rename.html", name=page.name, place="wiki", tab="rename", may_write=True)


async def rename(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Raises SignInNeeded, CrossSite, PageNotFound, BadPageName, PageTaken, MayNotWrite."""
    visitor = await _member(parts, request)
    form = await request.form()
    new_name = await parts.database.transact(
        rename_page, name, form.needed("to"), visitor.author, parts.policy, form.get("comment", ""), DOOR
    )
    parts.pages.forget(name, arrival=True)
    parts.pages.forget(new_name, arrival=True)
    return see_other(page_path(new_name), said_cookie("renamed"))


async def delete(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """303 to the history, where it can be undeleted. Raises SignInNeeded, CrossSite, PageNotFound, MayNotDelete."""
    visitor = await _member(parts, request)
    form = await request.form()
    await parts.database.transact(delete_page, name, visitor.author, parts.policy, form.get("comment", ""), DOOR)
    parts.pages.forget(name, arrival=True)
    return see_other(f"/history{page_path(name)}", said_cookie("deleted"))


async def undelete(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Raises SignInNeeded, CrossSite, PageNotFound, MayNotDelete."""
    visitor = await _member(parts, request)
    await parts.database.transact(undelete_page, name, visitor.author, parts.policy, "", DOOR)
    parts.pages.forget(name, arrival=True)
    return see_other(page_path(name), said_cookie("undeleted"))


async def _member(parts: WikiParts, request: WebRequest) -> Visitor:
    visitor = await visitor_of(parts, request)
    if visitor.account is None:
        raise SignInNeeded
    await check_csrf(visitor, request)
    return visitor
