"""The visitor's own sessions."""

from __future__ import annotations

import binascii

from services.wiki.members.account_page import PATH, asked
from services.wiki.parts import WikiParts
from services.wiki.sessions.stored import end_session
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.errors import BadForm
from services.wiki.site.request import WebRequest


async def end_one_session(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, CrossSite, BadForm."""
    _, form, account = await asked(parts, request)
    try:
        digest = binascii.unhexlify(form.needed("id"))
    except (ValueError, binascii.Error):
        raise BadForm("The field id is no session.") from None
    await parts.database.transact(end_session, digest, account.id)
    parts.sessions.forget_all()
    return see_other(f"{PATH}?done=ended")
