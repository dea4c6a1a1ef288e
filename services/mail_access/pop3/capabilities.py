"""POP3's capabilities (RFC 2449), announced here alone; each has its transcript in tests/transcripts."""

from __future__ import annotations

from services.mail_access.pop3.session import Pop3Session
from shared.accounts import sasl

# Without LOGIN: old programs use USER and PASS.
MECHANISMS = tuple(each for each in sasl.MECHANISMS if each != "LOGIN")


def capabilities(session: Pop3Session) -> list[str]:
    """The capabilities of `session` in its present state."""
    words = ["TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "EXPIRE NEVER", "IMPLEMENTATION Agora"]
    if session.maildrop is None:
        if session.may_sign_in:
            words += ["USER", "SASL " + " ".join(MECHANISMS)]
        if session.tls is None and session.parts.tls_options is not None:
            words.append("STLS")
    return words
