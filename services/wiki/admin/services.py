"""Services: a check box for each listener, with what it is at every copy; those that are not checked are stopped."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from twisted.internet.task import deferLater

from services.wiki.admin.admin_here import admin_here
from services.wiki.admin.administer import administer
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.administration import services

PATH = "/admin/services"
# How long the page waits for the copies to follow. They may take the poll interval where Redis is away; the page then
# shows what is not done yet.
PATIENCE = timedelta(seconds=2)
LOOK_AGAIN = timedelta(milliseconds=50)


async def show_services(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    lines = await parts.database.read(services.list_all)
    shown = [line for line in lines if services.can_be_stopped(line) or _is_held(line) or not line.copies]
    return render(
        parts,
        visitor,
        "admin/services.html",
        lines=shown,
        can_be_stopped=services.can_be_stopped,
        own=_door_of(request),
        then_path=PATH,
    )


async def change_services(parts: WikiParts, request: WebRequest) -> Answer:
    """The form's `started` names the listeners that are checked, its `shown` all that the page showed.

    Raises CrossSite, SignInNeeded, AdminsAlone, ListenerNotFound, OwnListener, LastWayIn, ListenerHeld.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    assert visitor.account is not None
    name, door = visitor.account.name, _door_of(request)
    form = (await request.form()).all
    shown, started = form.get("shown", []), form.get("started", [])
    for command, change in await parts.database.read(services.changes_to, shown, started, name, door):
        await administer(parts, visitor, command, change)
    await _wait_for_copies(parts, shown)
    return see_other(PATH)


def _is_held(line: services.ListenerLine) -> bool:
    return any(copy.held for copy in line.copies)


async def _wait_for_copies(parts: WikiParts, shown: Collection[str]) -> None:
    clock = parts.database.clock
    deadline = clock.seconds() + PATIENCE.total_seconds()
    while await parts.database.read(services.laggards, services.named(shown)) and clock.seconds() < deadline:
        await deferLater(clock, LOOK_AGAIN.total_seconds())  # type: ignore[arg-type]


def _door_of(request: WebRequest) -> str:
    return "web_tls" if request.secure else "web"
