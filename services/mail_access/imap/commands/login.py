"""LOGIN and AUTHENTICATE (RFC 3501 §6.2.2, §6.2.3, SASL-IR RFC 4959)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from services.mail_access.imap.capabilities import capability_words
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.replies import REPLIES, reply_for
from services.mail_access.imap.response import Refused, Reply, bad, no, ok
from services.mail_access.imap.values.commands import Authenticate, Login
from shared.accounts.account import Account
from shared.accounts.errors import BadCredentials, SaslProtocolError, SignInFailed
from shared.accounts.sasl import MECHANISMS

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession

PROTOCOL = "imap"
MOST_FAILURES = 5  # on one connection; the lock-out counts over all of them
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_PRIVACY = no(b"not over plaintext: use TLS first", code=b"PRIVACYREQUIRED")


async def obey_login(session: ImapSession, command: Login) -> Reply:
    if not session.standing().may_sign_in:
        return _PRIVACY
    try:
        user, password = command.user.decode(), command.password.decode()
    except UnicodeDecodeError:
        return _failed(session, BadCredentials())
    sign_in = session.backing.sign_in.with_password(user, password, PROTOCOL, session.peer.host)
    return await _enter(session, sign_in, b"LOGIN completed")


async def obey_authenticate(session: ImapSession, command: Authenticate) -> Reply:
    if not session.standing().may_sign_in:
        return _PRIVACY
    if command.mechanism not in MECHANISMS:
        return no(b"that mechanism is not offered", code=b"CANNOT")
    return await _enter(session, _exchange(session, command), b"AUTHENTICATE completed")


async def _enter(session: ImapSession, sign_in: Awaitable[Account], done: bytes) -> Reply:
    try:
        account = await sign_in
    except SignInFailed as failure:
        return _failed(session, failure)
    if not session.sign_in(account):
        return no(b"too many sessions for this account", code=b"LIMIT")
    return ok(done, code=b"CAPABILITY " + capability_words(session.standing()))


def _failed(session: ImapSession, failure: SignInFailed) -> Reply:
    reply = reply_for(failure)
    session.sign_in_failures += 1
    if session.sign_in_failures >= MOST_FAILURES:
        raise Farewell(b"* BYE too many failures to sign in\r\n")
    return reply


async def _exchange(session: ImapSession, command: Authenticate) -> Account:
    exchange = session.backing.sign_in.exchange(command.mechanism, PROTOCOL, session.peer.host)
    response: bytes | None = None
    if command.initial is not None:
        response = b"" if command.initial == b"=" else _decode(command.initial)
    while isinstance(outcome := await exchange.step(response), bytes):
        session.write(b"+ " + b64encode(outcome) + b"\r\n")
        line = await session.read_line()
        if line is None:
            raise Farewell(b"")
        if line == b"*":
            raise Refused(bad(b"AUTHENTICATE cancelled"))
        response = _decode(line)
    return outcome


def _decode(text: bytes) -> bytes:
    try:
        if _BASE64.fullmatch(text):
            return b64decode(text)
    except BadBase64:
        pass
    raise Refused(REPLIES[SaslProtocolError])
