"""AUTH: sign in with a SASL mechanism (RFC 4954 §4)."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from services.smtp_ingest import replies
from services.smtp_ingest.extensions import offers_sign_in
from services.smtp_ingest.replies import Reply, reply_to
from shared.accounts.account import Account
from shared.accounts.sasl import MECHANISMS, Exchange
from shared.errors import DomainError

if TYPE_CHECKING:
    from services.smtp_ingest.session import SmtpSession


async def auth(session: SmtpSession, argument: bytes) -> None:
    """AUTH mechanism [initial-response]; `=` is an initial response of no octets, `*` cancels."""
    refusal = _untimely(session)
    if refusal is not None:
        session.say(refusal)
        return
    mechanism, _, initial = argument.strip().decode("ascii", "replace").partition(" ")
    if mechanism.upper() not in MECHANISMS:
        session.say(replies.MECHANISM_UNKNOWN)
        return
    exchange = session.door.sign_in.exchange(mechanism.upper(), "smtp", session.peer.host)
    try:
        session.account = await _converse(session, exchange, initial.strip())
    except binascii.Error:
        session.say(replies.NOT_BASE64)
    except DomainError as error:
        session.say(reply_to(error))
    else:
        session.say(replies.SIGNED_IN if session.account else replies.AUTH_CANCELLED)


def _untimely(session: SmtpSession) -> Reply | None:
    if not session.door.policy.submission:
        return replies.NOT_HERE
    if not offers_sign_in(session):
        return Reply(538, "5.7.11", "say STARTTLS first")  # RFC 4954 §6
    if not session.extended:
        return replies.NEEDS_GREETING
    if session.account is not None:
        return replies.ALREADY_SIGNED_IN
    return replies.BAD_SEQUENCE if session.transaction is not None else None


async def _converse(session: SmtpSession, exchange: Exchange, initial: str) -> Account | None:
    """Challenge and response until the account is known; None when the client cancels or leaves."""
    response: bytes | None = None
    if initial:
        response = b"" if initial == "=" else b64decode(initial, validate=True)
    while True:
        outcome = await exchange.step(response)
        if isinstance(outcome, Account):
            return outcome
        session.write(b"334 " + b64encode(outcome) + b"\r\n")
        line = await session.read_line()
        if line is None or line == b"*":
            return None
        response = b64decode(line, validate=True)
