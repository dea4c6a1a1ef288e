"""IDLE (RFC 2177): the client listens, and is told of everything as it happens."""

from __future__ import annotations

from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.response import Reply, bad, ok
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import send_updates
from services.mail_access.imap.values.commands import Idle
from shared.accounts.account import Account
from shared.conversation.reading import WOKEN
from shared.errors import DomainError

STORE_AWAY_SECONDS = 5  # until the next attempt; the client hears nothing of it


async def obey(session: ImapSession, account: Account, command: Idle) -> Reply:
    session.write(b"+ idling\r\n")
    if session.selected is not None:
        await session.tell(session.selected.expunge())
    session.idling = True
    try:
        while True:
            if session.selected is not None and session.selected.news:
                await _tell_news(session, session.selected)
            line = await session.read_line_or_wake()
            if line is not WOKEN:
                break
    finally:
        session.idling = False
    if line is None:
        raise Farewell(b"")
    return ok(b"IDLE completed") if line.upper() == b"DONE" else bad(b"expected DONE")


async def _tell_news(session: ImapSession, selected: Selected) -> None:
    try:
        await send_updates(session, selected)
    except DomainError:
        session.clock.callLater(STORE_AWAY_SECONDS, session.wake)
        return
    await session.tell(selected.expunge())
