"""BDAT: the message in counted chunks (RFC 3030 §2)."""

from __future__ import annotations

import re

from services.smtp_ingest import replies
from services.smtp_ingest.accept import accept_message
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction
from shared.conversation.errors import SpoolFull
from shared.conversation.line_ends import bare_ends, mended
from shared.conversation.spool import Spool
from shared.give_way import Turns

_ARGUMENT = re.compile(rb"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE)
# A refused chunk is read and thrown away, so that the next command is found behind it. A larger one than this is not
# read: the connection ends.
_MOST_LIMITS_SKIPPED = 4


async def bdat(session: SmtpSession, argument: bytes) -> None:
    """BDAT size [LAST]. The octets follow at once, so they are read whatever the answer will be."""
    match = _ARGUMENT.fullmatch(argument.strip())
    if match is None:
        session.say(replies.SYNTAX)
        session.over = True  # the size of the chunk is unknown, so that the next command cannot be found
        return
    size, last = int(match.group(1)), match.group(2) is not None
    transaction, refusal = session.transaction, replies.BAD_SEQUENCE
    session.in_the_middle = True
    if transaction is not None:
        untimely = _untimely(session, transaction, size)
        if untimely is None:
            await _take(session, transaction, size, last=last)
            return
        refusal = untimely
    if size > _MOST_LIMITS_SKIPPED * session.parts.message_octets:
        session.say(refusal)
        session.over = True
    else:
        await session.discard(size)
        session.in_the_middle = False
        _refuse(session, refusal, last=last)


def _untimely(session: SmtpSession, transaction: MailTransaction, size: int) -> Reply | None:
    if transaction.refused_chunk:
        return replies.BAD_SEQUENCE
    if not transaction.recipients:
        return replies.NO_RECIPIENTS
    held = len(transaction.chunks) if transaction.chunks is not None else 0
    return replies.MESSAGE_TOO_LARGE if held + size > session.parts.message_octets else None


def _refuse(session: SmtpSession, refusal: Reply, *, last: bool) -> None:
    """Refuse the chunk and the whole message: chunks that follow are refused, too."""
    transaction = session.transaction
    if transaction is not None and transaction.recipients and last:
        session.answer_for_message(refusal)
    else:
        session.say(refusal)
    if transaction is not None:
        transaction.refused_chunk = True
        transaction.drop_message()
    if last:
        session.end_transaction()


async def _take(session: SmtpSession, transaction: MailTransaction, size: int, *, last: bool) -> None:
    if transaction.chunks is None:
        transaction.chunks = Spool(session.claim)
    try:
        await session.read_into(size, transaction.chunks)
    except SpoolFull as error:  # not left to the session: the chunks that follow are refused, too
        _refuse(session, reply_to(error), last=last)
        return
    session.in_the_middle = False
    if not last:
        session.say(Reply(250, "2.0.0", f"{size} octets taken"))
        return
    transaction.awaits_replies = True
    turns = Turns(session.clock)
    bare = await bare_ends(transaction.chunks.octets, turns)
    if bare.returns or (bare.feeds and not session.mends_line_feeds):
        session.answer_for_message(replies.BARE_LINE_FEED)  # RFC 3030 §3: else it needs BINARYMIME
        return
    if bare.feeds:
        transaction.chunks = await mended(transaction.chunks, session.claim, turns)
    await accept_message(session, transaction, transaction.chunks)
