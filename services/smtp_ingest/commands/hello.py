"""HELO, EHLO and LHLO: the greeting, and what this server can do (RFC 5321 §4.1.1.1, RFC 2033 §4.1)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.capabilities import capabilities
from services.smtp_ingest.session import SmtpSession

LONGEST_NAME = 255  # RFC 5321 §4.5.3.1.2; it stands in one line of Received


async def helo(session: SmtpSession, argument: bytes) -> None:
    """HELO domain: a greeting without extensions."""
    if session.parts.policy.lmtp:
        session.say(replies.UNKNOWN_COMMAND)
    elif _greeted(session, argument, extended=False):
        session.write(f"250 {session.parts.hostname}\r\n".encode())


async def ehlo(session: SmtpSession, argument: bytes) -> None:
    """EHLO domain: a greeting, answered with the extensions."""
    if session.parts.policy.lmtp:
        session.say(replies.UNKNOWN_COMMAND)  # RFC 2033 §4.1: LMTP has LHLO alone
    elif _greeted(session, argument, extended=True):
        _say_extensions(session)


async def lhlo(session: SmtpSession, argument: bytes) -> None:
    """LHLO domain: LMTP's EHLO."""
    if not session.parts.policy.lmtp:
        session.say(replies.UNKNOWN_COMMAND)
    elif _greeted(session, argument, extended=True):
        _say_extensions(session)


def _greeted(session: SmtpSession, argument: bytes, *, extended: bool) -> bool:
    name = argument.strip().decode("utf-8", "replace")
    if not 0 < len(name) <= LONGEST_NAME:
        session.say(replies.SYNTAX)
        return False
    session.end_transaction()  # RFC 5321 §4.1.4: as if RSET had been said
    session.greeting, session.extended = name, extended
    return True


def _say_extensions(session: SmtpSession) -> None:
    lines = [session.parts.hostname, *capabilities(session)]
    session.write("".join(f"250-{line}\r\n" for line in lines[:-1]).encode() + f"250 {lines[-1]}\r\n".encode())
