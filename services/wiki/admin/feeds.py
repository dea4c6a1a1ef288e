"""Feeds: added, asked at once, given another address or interval, removed."""

from __future__ import annotations

from urllib.parse import quote

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.admin.fields import choice_of, minutes_of
from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.forms import Form
from services.wiki.site.render import render
from services.wiki.site.replies import refusal_of
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.administration import feeds
from shared.feeds.add_feed import EVERY
from shared.feeds.errors import BadFeedAddress, FeedExists
from shared.rooms.errors import BadRoomName
from shared.rooms.room import Readers

PATH = "/admin/feeds"
MOST_SHOWN = 1_000  # all others are on the command line
_SAID = {
    "added": "The feed is added. Its first items come within a minute.",
    "asked": "The feed is asked now.",
    "changed": "The feed is changed.",
    "removed": "The feed is removed. Its room and what is in it stay.",
}


async def show_feeds(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    return await _page(parts, visitor, Form(), said=_SAID.get(request.query.get("done", ""), ""))


async def refresh_feeds(parts: WikiParts, request: WebRequest) -> Answer:
    """The form's `room` names the feed, by its number or its room; without it all are asked now.

    Raises CrossSite, SignInNeeded, AdminsAlone, FeedNotFound.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    which = (await request.form()).get("room") or None
    await administer(parts, visitor, f"feed refresh {which or '--all'}", lambda tx: feeds.refresh(tx, which))
    return see_other(f"{PATH}?done=asked")


async def add_feed(parts: WikiParts, request: WebRequest) -> Answer:
    """Fill the room `room`, or one of its own, from `url`. Raises BadForm, CrossSite, SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    url, room = form.needed("url").strip(), form.get("room", "").strip().lower() or None
    every, reading = minutes_of(form, "every") or EVERY, choice_of(form, "reading", Readers)
    try:
        await administer(
            parts, visitor, f"feed add {url}", lambda tx: feeds.add(tx, url, room, every=every, reading=reading)
        )
    except (BadFeedAddress, FeedExists, BadRoomName) as error:
        return await _page(parts, visitor, form, why=f"The feed is not added. {refusal_of(error).sentence}")
    return see_other(f"{PATH}?done=added")


async def show_feed(parts: WikiParts, request: WebRequest, number: int) -> Answer:
    """One feed. Raises SignInNeeded, AdminsAlone, FeedNotFound."""
    visitor = await admin_here(parts, request)
    return await _feed_page(parts, visitor, number)


async def change_feed(parts: WikiParts, request: WebRequest, number: int) -> Answer:
    """The form's `change` is set, with `url` and `every` in minutes, or remove.

    Raises BadForm, CrossSite, SignInNeeded, AdminsAlone, FeedNotFound.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    form = await request.form()
    which, what = str(number), form.needed("change")
    if what == "remove":
        await administer(parts, visitor, f"feed remove {which}", lambda tx: feeds.remove(tx, which))
        return see_other(f"{PATH}?done=removed")
    if what != "set":
        raise BadForm("The field change is set or remove.")
    every, typed = minutes_of(form, "every"), form.needed("url").strip()
    line = await parts.database.read(feeds.find, which)
    url = None if typed == line.feed.url else typed  # another address makes the feed begin anew
    try:
        await administer(parts, visitor, f"feed set {which}", lambda tx: feeds.change(tx, which, every=every, url=url))
    except (BadFeedAddress, FeedExists) as error:
        why = f"The feed is not changed. {refusal_of(error).sentence}"
        return await _feed_page(parts, visitor, number, url=typed, why=why)
    return see_other(f"{PATH}?done=changed")


async def _page(parts: WikiParts, visitor: Visitor, form: Form, *, said: str = "", why: str = "") -> Answer:
    lines = await parts.database.read(feeds.list_all)
    return render(
        parts, visitor, "admin/feeds.html", status=422 if why else 200, lines=lines[:MOST_SHOWN], total=len(lines),
        form=form, said=said, why=why, readers=list(Readers), then_path=PATH,
    )  # fmt: skip


async def _feed_page(parts: WikiParts, visitor: Visitor, number: int, *, url: str = "", why: str = "") -> Answer:
    line = await parts.database.read(feeds.find, str(number))
    return render(
        parts, visitor, "admin/feed.html", status=422 if why else 200, line=line, url=url or line.feed.url, why=why,
        minutes=int(line.feed.every.total_seconds()) // 60, room_path=f"/rooms/{quote(line.room)}", then_path=PATH,
    )  # fmt: skip
