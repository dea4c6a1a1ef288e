"""BDAT: the message in counted chunks (RFC 3030 §2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from services.smtp_ingest import replies
from services.smtp_ingest.accept import accept_message
from services.smtp_ingest.replies import Reply
from shared.conversation.spool import Spool

if TYPE_CHECKING:
    from services.smtp_ingest.session import SmtpSession

_ARGUMENT = re.compile(rb"([0-9]{1,12})(?: +(LAST))?", re.IGNORECASE)
_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


async def bdat(session: SmtpSession, argument: bytes) -> None:
    """BDAT size [LAST]. The octets follow at once, so they are read whatever the answer will be."""
    match = _ARGUMENT.fullmatch(argument.strip())
    if match is None:
        session.say(replies.SYNTAX)
        session.over = True  # how many octets follow is not known: nothing behind them can be understood
        return
    size, last = int(match.group(1)), match.group(2) is not None
    refusal = _untimely(session, size)
    if refusal is not None:
        await _skip(session, size)
        session.say(refusal)
        if session.transaction is not None:
            session.transaction.refused_chunk = True
            session.transaction.forget()
        if last:
            session.forget_transaction()
        return
    await _take(session, size, last=last)


def _untimely(session: SmtpSession, size: int) -> Reply | None:
    transaction = session.transaction
    if transaction is None or transaction.refused_chunk:
        return replies.BAD_SEQUENCE
    if not transaction.recipients:
        return replies.NO_RECIPIENTS
    held = len(transaction.chunks) if transaction.chunks is not None else 0
    return replies.MESSAGE_TOO_LARGE if held + size > session.door.message_octets else None


async def _skip(session: SmtpSession, size: int) -> None:
    """Read `size` octets and forget them, a little at a time."""
    while size > 0:
        step = min(size, 65536)
        await session.read_exactly(step)
        size -= step


async def _take(session: SmtpSession, size: int, *, last: bool) -> None:
    transaction = session.transaction
    assert transaction is not None
    if transaction.chunks is None:
        transaction.chunks = Spool()
    await session.read_into(size, transaction.chunks)
    if not last:
        session.say(Reply(250, "2.0.0", f"{size} octets taken"))
        return
    if _BARE.search(transaction.chunks.octets):
        session.say(replies.BARE_LINE_FEED)  # RFC 3030 §3: other than lines needs BINARYMIME
    else:
        await accept_message(session, transaction, transaction.chunks)
    session.forget_transaction()
