"""AUTHINFO: USER and PASS, and SASL (RFC 4643)."""

from __future__ import annotations

from functools import partial

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.capabilities import MECHANISMS
from services.news_gateway.nntp.session import NntpSession
from shared.accounts.sasl_lines import NO_OCTETS, exchange_lines


async def authinfo(session: NntpSession, argument: bytes) -> None:
    """AUTHINFO USER name, PASS password, SASL mechanism [initial-response]."""
    word, _, rest = argument.strip(b"\t ").partition(b" ")
    variant = _VARIANTS.get(word.upper())
    if variant is None:
        session.refuse(replies.UNKNOWN_VARIANT)
    elif session.account is not None:
        session.refuse(replies.SIGNED_IN_ALREADY)
    elif session.compressed:
        session.refuse(replies.COMPRESSED_ALREADY)
    elif not session.may_sign_in:
        session.refuse(replies.TLS_FIRST)
    else:
        await variant(session, rest)


async def _user(session: NntpSession, name: bytes) -> None:
    """Always accepted, so that no stranger learns which accounts exist."""
    if not name.strip():
        session.refuse(replies.SYNTAX)
    else:
        session.user = name.strip().decode("utf-8", "replace")
        session.write(replies.PASSWORD_REQUIRED)


async def _pass(session: NntpSession, password: bytes) -> None:
    """All that follows the blank, blanks included."""
    name, session.user = session.user, None
    if name is None:
        session.refuse(replies.USER_FIRST)
        return
    told = password.decode("utf-8", "replace")
    session.sign_in(await session.parts.sign_in.with_password(name, told, "nntp", session.peer.host, session.door_name))
    session.write(replies.SIGNED_IN)


async def _sasl(session: NntpSession, argument: bytes) -> None:
    word, _, initial = argument.strip().partition(b" ")
    mechanism = word.decode("ascii", "replace").upper()
    if not mechanism:
        session.refuse(replies.SYNTAX)
    elif mechanism not in MECHANISMS:
        session.refuse(replies.MECHANISM_UNKNOWN)
    else:
        session.in_the_middle = True  # the client's answers are no commands
        exchange = session.parts.sign_in.exchange(mechanism, "nntp", session.peer.host, session.door_name)
        account = await exchange_lines(exchange, initial.strip() or None, partial(_challenge, session))
        session.in_the_middle = False
        if account is None:
            session.refuse(replies.CANCELLED)
        else:
            session.sign_in(account)
            session.write(replies.SIGNED_IN)


async def _challenge(session: NntpSession, line: bytes) -> bytes | None:
    """RFC 4643 §2.4.2: of no octets a challenge is written `=`, and so is the answer to it."""
    session.write(b"383 " + (line or NO_OCTETS) + b"\r\n")
    answer = await session.read_line()
    return b"" if answer == NO_OCTETS else answer


_VARIANTS = {b"USER": _user, b"PASS": _pass, b"SASL": _sasl}
