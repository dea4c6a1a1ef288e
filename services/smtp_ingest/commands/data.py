"""DATA: the message itself, up to the dot (RFC 5321 §4.1.1.4)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.accept import accept_message
from services.smtp_ingest.session import SmtpSession


async def data(session: SmtpSession, argument: bytes) -> None:
    """DATA. Only CR LF . CR LF ends the message; a bare CR or LF in it has it refused (smuggling).

    On a submission door an LF alone is made CR LF: it comes from a program on its way out, not between servers.
    """
    transaction = session.transaction
    if argument.strip():
        session.say(replies.SYNTAX)
        return
    if transaction is None or transaction.chunks is not None or transaction.refused_chunk:
        session.say(replies.BAD_SEQUENCE)  # RFC 3030 §3: DATA and BDAT do not mix
        return
    if not transaction.recipients:
        session.say(replies.NO_RECIPIENTS)
        return
    session.say(replies.GO_AHEAD)
    transaction.awaits_replies = session.in_the_middle = True
    # A refusal comes behind the end of the block.
    block = await session.read_dot_block(session.parts.message_octets, mends_line_feeds=session.mends_line_feeds)
    session.in_the_middle = False
    try:
        await accept_message(session, transaction, block)
    finally:
        block.close()
