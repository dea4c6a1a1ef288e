"""USER and PASS, APOP, AUTH: opens the maildrop (RFC 1939 §7, RFC 5034)."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from uuid import uuid4

from services.mail_access.pop3 import replies
from services.mail_access.pop3.capabilities import MECHANISMS
from services.mail_access.pop3.maildrop import open_maildrop
from services.mail_access.pop3.session import Pop3Session
from shared.accounts.account import Account
from shared.accounts.sasl_lines import exchange_lines

_APOP = re.compile(rb"(\S+) +([0-9a-fA-F]{32})")


async def user(session: Pop3Session, argument: bytes) -> None:
    """USER name: always accepted, so that no stranger learns which accounts exist."""
    if not session.may_sign_in:
        session.refuse(replies.TLS_FIRST)
    elif not argument.strip():
        session.refuse(replies.SYNTAX)
    else:
        session.name = argument.strip().decode("utf-8", "replace")
        session.write(b"+OK\r\n")


async def pass_(session: Pop3Session, argument: bytes) -> None:
    """PASS password: all that follows the blank, blanks included."""
    name, session.name = session.name, None
    if name is None:
        session.refuse(replies.NAME_FIRST)
        return
    password = argument.decode("utf-8", "replace")
    sign_in = session.parts.sign_in.with_password(name, password, "pop3", session.peer.host, session.door_name)
    await _open(session, await sign_in)


async def apop(session: Pop3Session, argument: bytes) -> None:
    """APOP name digest."""
    if not session.banner:
        session.refuse(replies.NO_APOP)
        return
    match = _APOP.fullmatch(argument.strip())
    if match is None:
        session.refuse(replies.SYNTAX)
        return
    name, digest = match.group(1).decode("utf-8", "replace"), match.group(2).decode("ascii").lower()
    account = await session.parts.sign_in.with_apop(name, digest, session.banner, session.peer.host, session.door_name)
    await _open(session, account)


async def auth(session: Pop3Session, argument: bytes) -> None:
    """AUTH [mechanism [initial-response]]; alone it lists the mechanisms."""
    word, _, initial = argument.strip().partition(b" ")
    mechanism = word.decode("ascii", "replace").upper()
    if not session.may_sign_in:
        session.refuse(replies.TLS_FIRST)
    elif not mechanism:
        session.write("".join(["+OK\r\n", *(f"{each}\r\n" for each in MECHANISMS), ".\r\n"]).encode())
    elif mechanism not in MECHANISMS:
        session.refuse(replies.MECHANISM_UNKNOWN)
    else:
        session.in_the_middle = True  # the client's answers are no commands
        exchange = session.parts.sign_in.exchange(mechanism, "pop3", session.peer.host, session.door_name)
        account = await exchange_lines(exchange, initial.strip() or None, partial(_challenge, session))
        session.in_the_middle = False
        if account is None:
            session.refuse(replies.CANCELLED)
        else:
            await _open(session, account)


async def _challenge(session: Pop3Session, line: bytes) -> bytes | None:
    session.write(b"+ " + line + b"\r\n")
    return await session.read_line()


async def _open(session: Pop3Session, account: Account) -> None:
    session.signed_in_as = account.name
    maildrop = await session.parts.database.transact(open_maildrop, account.id, uuid4(), session.parts.process)
    session.hold(maildrop)
    session.limits = replace(session.limits, in_all=None)
    session.write(f"+OK {len(maildrop.uids)} messages ({maildrop.octets()} octets)\r\n".encode())
