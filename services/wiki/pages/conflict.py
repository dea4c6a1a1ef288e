"""Two changes of the same lines: nothing is saved, both texts are shown, and the form has what was typed."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.sessions.visitor import Visitor
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from shared.runtime.in_thread import in_thread
from shared.wiki.diff import diff_sources
from shared.wiki.errors import EditConflict


async def conflict_page(
    parts: WikiParts, visitor: Visitor, conflict: EditConflict, base: str, data: str, comment: str
) -> Answer:
    """409, with the difference between the newest revision and what was typed; saving again starts from the newest."""
    page = conflict.current
    lines = await in_thread(parts.database.clock, diff_sources, page.source, data)
    return render(
        parts, visitor, "pages/conflict.html", status=409, page=page, base=base, data=data, comment=comment,
        lines=lines, place="wiki",
    )  # fmt: skip
