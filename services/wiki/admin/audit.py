"""The audit: which administrator did what, by the web and by SSH."""

from __future__ import annotations

from services.wiki.admin.admin_here import admin_here
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from shared.administration.audit import list_lines

PATH = "/admin/audit"
MOST_SHOWN = 200


async def show_audit(parts: WikiParts, request: WebRequest) -> Answer:
    """The newest commands, of all or of `account`. Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    account = request.query.get("account", "").replace("\x00", "").strip().lower()[:100]
    lines = await parts.database.read(list_lines, account or None, MOST_SHOWN)
    return render(parts, visitor, "admin/audit.html", lines=lines, account=account, most=MOST_SHOWN, then_path=PATH)
