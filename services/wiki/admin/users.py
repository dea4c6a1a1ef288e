"""Users: who there is, what their mailboxes take, and shutting an account out or letting it in again."""

from __future__ import annotations

from services.wiki.admin.admin_here import admin_here
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.administration import accounts

MOST_SHOWN = 1_000  # all others are on the command line


async def show_users(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    members = await parts.database.read(accounts.list_members)
    return render(
        parts, visitor, "admin/users.html", members=members[:MOST_SHOWN], total=len(members), then_path="/admin/"
    )


async def change_user(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The form's `change` is disable or enable.

    Raises BadForm, CrossSite, SignInNeeded, AdminsAlone, AccountNotFound, LastAdmin.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    change = (await request.form()).needed("change")
    if change == "disable":
        await parts.database.transact(accounts.disable, name)
    elif change == "enable":
        await parts.database.transact(accounts.enable, name)
    else:
        raise BadForm("The field change is disable or enable.")
    return see_other("/admin/")
