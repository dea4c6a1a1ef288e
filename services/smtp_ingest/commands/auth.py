"""AUTH: sign in with a SASL mechanism (RFC 4954 §4)."""

from __future__ import annotations

from functools import partial

from services.smtp_ingest import replies
from services.smtp_ingest.capabilities import offers_sign_in
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession
from shared.accounts.sasl import MECHANISMS
from shared.accounts.sasl_lines import exchange_lines
from shared.database.errors import StatementTimedOut, StoreUnavailable


async def auth(session: SmtpSession, argument: bytes) -> None:
    """AUTH mechanism [initial-response]; `=` is an initial response of no octets, `*` cancels."""
    refusal = _untimely(session)
    if refusal is not None:
        session.say(refusal)
        return
    word, _, initial = argument.strip().partition(b" ")
    mechanism = word.decode("ascii", "replace").upper()
    if mechanism not in MECHANISMS:
        session.say(replies.MECHANISM_UNKNOWN)
        return
    session.in_the_middle = True  # the client's answers are no commands
    exchange = session.parts.sign_in.exchange(mechanism, "smtp", session.peer.host, session.door_name)
    try:
        session.account = await exchange_lines(exchange, initial.strip() or None, partial(_challenge, session))
    except (StoreUnavailable, StatementTimedOut):
        session.say(replies.CANNOT_SIGN_IN)
    else:
        session.say(replies.SIGNED_IN if session.account else replies.AUTH_CANCELLED)


def _untimely(session: SmtpSession) -> Reply | None:
    if not session.parts.policy.submission:
        return replies.NOT_HERE
    if not offers_sign_in(session):
        return Reply(538, "5.7.11", "say STARTTLS first")  # RFC 4954 §6
    if not session.extended:
        return replies.NEEDS_GREETING
    if session.account is not None:
        return replies.ALREADY_SIGNED_IN
    return replies.BAD_SEQUENCE if session.transaction is not None else None


async def _challenge(session: SmtpSession, line: bytes) -> bytes | None:
    session.write(b"334 " + line + b"\r\n")
    return await session.read_line()
