"""LOGIN and AUTHENTICATE (RFC 3501 §6.2.2, §6.2.3, SASL-IR RFC 4959)."""

from __future__ import annotations

from collections.abc import Awaitable

from services.mail_access.imap.capabilities import capability_words
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.replies import reply_to
from services.mail_access.imap.response import Refused, Reply, bad, no, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Authenticate, Login
from shared.accounts.account import Account
from shared.accounts.errors import BadCredentials, SignInFailed
from shared.accounts.sasl import MECHANISMS
from shared.accounts.sasl_lines import exchange_lines

PROTOCOL = "imap"
MOST_FAILURES = 5  # on one connection; the lock-out counts over all of them
_PRIVACY = no(b"sign-in needs TLS", code=b"PRIVACYREQUIRED")


async def obey_login(session: ImapSession, command: Login) -> Reply:
    if not session.may_sign_in:
        return _PRIVACY
    try:
        user, password = command.user.decode(), command.password.decode()
    except UnicodeDecodeError:
        return _failed(session, BadCredentials())
    sign_in = session.parts.sign_in.with_password(user, password, PROTOCOL, session.peer.host, session.door_name)
    return await _enter(session, sign_in, b"LOGIN completed")


async def obey_authenticate(session: ImapSession, command: Authenticate) -> Reply:
    if not session.may_sign_in:
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
    return ok(done, code=b"CAPABILITY " + capability_words(session.connection_state()))


def _failed(session: ImapSession, failure: SignInFailed) -> Reply:
    reply = reply_to(failure)
    session.sign_in_failures += 1
    if session.sign_in_failures >= MOST_FAILURES:
        raise Farewell(b"* BYE too many failures to sign in\r\n")
    return reply


async def _exchange(session: ImapSession, command: Authenticate) -> Account:
    async def challenge(line: bytes) -> bytes | None:
        session.write(b"+ " + line + b"\r\n")
        return await session.read_line()

    exchange = session.parts.sign_in.exchange(command.mechanism, PROTOCOL, session.peer.host, session.door_name)
    account = await exchange_lines(exchange, command.initial, challenge)
    if account is None:
        raise Refused(bad(b"AUTHENTICATE cancelled"))
    return account
