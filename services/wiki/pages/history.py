"""The revisions of a page, what changed between two of them, and the way back to an older one."""

from __future__ import annotations

from typing import Any

from services.wiki.pages.access import reader_of_pages
from services.wiki.pages.names import named, revision_of
from services.wiki.pages.said import said_cookie
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import check_csrf, visitor_of
from shared.database.transaction import Transaction
from shared.runtime.in_thread import in_thread
from shared.wiki.diff import diff_sources
from shared.wiki.history import page_history
from shared.wiki.name import page_path
from shared.wiki.page import Page
from shared.wiki.policy import may_write
from shared.wiki.read_page import has_page, read_page
from shared.wiki.revert_page import revert_page

MOST = 50  # revisions a page
DOOR = "web"


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/history/…`, `/diff/…`, `/revert/…`."""
    route(app, parts, "/history/<path:name>", show_history)
    route(app, parts, "/diff/<path:name>", show_diff)
    route(app, parts, "/revert/<path:name>", revert, "POST")


async def show_history(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Also that of a deleted page. Raises PageNotFound, BadPageName."""
    canonical = named(request, name, "/history")
    visitor = await reader_of_pages(parts, request)
    before = revision_of(request.query.get("before"))

    def read(tx: Transaction) -> Any:
        return page_history(tx, canonical, before, MOST + 1), has_page(tx, canonical)

    lines, is_there = await parts.database.read_snapshot(read)
    grown = [each.octets - (lines[at + 1].octets if at + 1 < len(lines) else 0) for at, each in enumerate(lines)]
    more = len(lines) > MOST
    return render(
        parts, visitor, "pages/history.html", name=canonical, lines=list(zip(lines, grown, strict=True))[:MOST],
        more=lines[MOST - 1].revision if more else None, is_there=is_there, place="wiki", tab="history",
        may_write=may_write(parts.policy, visitor.author), notice=None,
    )  # fmt: skip


async def show_diff(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """From the revision `from` (the one before) to `to` (the newest). Raises PageNotFound, RevisionNotFound."""
    canonical = named(request, name, "/diff")
    visitor = await reader_of_pages(parts, request)
    old_number, new_number = revision_of(request.query.get("from")), revision_of(request.query.get("to"))
    old, new, newest = await parts.database.read_snapshot(_both, canonical, old_number, new_number)
    lines = await in_thread(parts.database.clock, diff_sources, "" if old is None else old.source, new.source)
    added, removed = (sum(line.sign == sign for line in lines) for sign in "+-")
    return render(
        parts, visitor, "pages/diff.html", name=canonical, old=old, new=new, newest=newest, lines=lines, added=added,
        removed=removed, place="wiki", tab="history", may_write=may_write(parts.policy, visitor.author),
    )  # fmt: skip


def _both(tx: Transaction, name: str, old_number: int | None, new_number: int | None) -> tuple[Page | None, Page, int]:
    """The two revisions, and the number of the newest one."""
    newest = read_page(tx, name)
    new = newest if new_number in (None, newest.revision) else read_page(tx, name, new_number)
    if old_number is None:
        former = page_history(tx, name, new.revision, 1)
        old_number = former[0].revision if former else 0
    if old_number == 0:
        return None, new, newest.revision
    old = newest if old_number == newest.revision else read_page(tx, name, old_number)
    return (old, new, newest.revision) if old.revision <= new.revision else (new, old, newest.revision)


async def revert(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """Make the text of `revision` the newest one. Raises SignInNeeded, CrossSite, MayNotWrite, RevisionNotFound."""
    visitor = await visitor_of(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    revision = revision_of(form.needed("revision"))
    if revision is None:
        raise BadForm("The field revision is empty.")
    saved = await parts.database.transact(revert_page, name, revision, visitor.author, parts.policy, door=DOOR)
    parts.pages.forget(saved.name, arrival=saved.created)
    return see_other(page_path(saved.name), said_cookie("reverted" if saved.changed else "unchanged"))
