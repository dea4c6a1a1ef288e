"""A SASL exchange in lines of base64, as SMTP (RFC 4954 §4), POP3 (RFC 5034 §4) and IMAP (RFC 3501 §6.2.2) speak it."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Awaitable, Callable

from shared.accounts.account import Account
from shared.accounts.errors import NotBase64
from shared.accounts.sasl import SaslExchange

CANCEL = b"*"
NO_OCTETS = b"="  # an initial response that is there, and empty
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


async def exchange_lines(
    exchange: SaslExchange, initial: bytes | None, challenge: Callable[[bytes], Awaitable[bytes | None]]
) -> Account | None:
    """The account that has signed in; None when the client cancelled, or left.

    `initial` is the response that came with the command, as it came, None if there was none. `challenge` puts a line of
    base64 to the client and returns its answer, None when it is gone. Raises NotBase64, SignInFailed, StoreUnavailable.
    """
    response = None if initial is None else b"" if initial == NO_OCTETS else _decoded(initial)
    while isinstance(outcome := await exchange.step(response), bytes):
        line = await challenge(b64encode(outcome))
        if line is None or line == CANCEL:
            return None
        response = _decoded(line)
    return outcome


def _decoded(line: bytes) -> bytes:
    if not _BASE64.fullmatch(line):
        raise NotBase64
    try:
        return b64decode(line)
    except BadBase64:
        raise NotBase64 from None
