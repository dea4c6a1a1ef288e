"""Marking a message: read or unread, flagged or not. The marks are those of IMAP and of the newsreader."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import article_number, room_here, signed_in
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.local_path import local_path
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.folders.flags import FLAGGED, SEEN
from shared.folders.store_flags import Action
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.reading.articles import by_number

MARKS: dict[str, tuple[Action, int]] = {
    "seen": ("add", SEEN),
    "unseen": ("remove", SEEN),
    "flagged": ("add", FLAGGED),
    "unflagged": ("remove", FLAGGED),
}


async def set_mark(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """The form's `mark` is one of MARKS. Raises BadForm, CrossSite, SignInNeeded, RoomNotFound, ArticleNotFound."""
    here = await room_here(parts, request, name)
    await check_csrf(here.visitor, request)
    account = signed_in(here.visitor)
    form = await request.form()
    chosen = MARKS.get(form.needed("mark"))
    if chosen is None:
        raise BadForm(f"The field mark is one of {', '.join(MARKS)}.")
    action, flag = chosen
    await parts.database.read(by_number, here.room.folder_id, article_number(number))
    await parts.database.transact(set_marks, account.id, here.room.folder_id, [number], action, flag)
    parts.unread.forget(account.id)
    # Back to the list after "unread": the thread itself would mark it as read again.
    return see_other(here.path if chosen == MARKS["unseen"] else local_path(form.get("then", ""), here.path))
