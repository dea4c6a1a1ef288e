"""The commands that are one reply: RSET, NOOP, QUIT, VRFY, EXPN, HELP (RFC 5321 §4.1.1.5 to §4.1.1.10)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.session import SmtpSession


async def rset(session: SmtpSession, argument: bytes) -> None:
    """RSET: forget the transaction; the greeting and the sign-in stay."""
    session.end_transaction()
    session.say(replies.RESET)


async def noop(session: SmtpSession, argument: bytes) -> None:
    """NOOP."""
    session.say(replies.OK)


async def quit_(session: SmtpSession, argument: bytes) -> None:
    """QUIT."""
    session.over = True
    session.say(replies.GOODBYE)


async def vrfy(session: SmtpSession, argument: bytes) -> None:
    """VRFY: does not tell whether a mailbox exists (RFC 5321 §7.3)."""
    session.say(replies.CANNOT_VERIFY)


async def expn(session: SmtpSession, argument: bytes) -> None:
    """EXPN: does not tell the members of a list."""
    session.say(replies.NOT_HERE)


async def help_(session: SmtpSession, argument: bytes) -> None:
    """HELP."""
    session.say(replies.HELP)
