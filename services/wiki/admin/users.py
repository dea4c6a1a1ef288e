"""Users: who there is, and what their mailboxes take."""

from __future__ import annotations

from services.wiki.admin.admin_here import admin_here
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from shared.administration import accounts

MOST_SHOWN = 1_000  # all others are on the command line


async def show_users(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    members = await parts.database.read(accounts.list_members)
    return render(
        parts, visitor, "admin/users.html", members=members[:MOST_SHOWN], total=len(members), then_path="/admin/"
    )
