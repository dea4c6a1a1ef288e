"""The one place where a POP3 capability is announced (RFC 2449); each has its transcript in tests/transcripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.mail_access.pop3.session import Pop3Session

MECHANISMS = ("PLAIN", "SCRAM-SHA-256")


def capabilities(session: Pop3Session) -> list[str]:
    """What is true for `session` as it stands now."""
    words = ["TOP", "UIDL", "PIPELINING", "RESP-CODES", "AUTH-RESP-CODE", "EXPIRE NEVER", "IMPLEMENTATION Agora"]
    if session.maildrop is None:
        if offers_sign_in(session):
            words += ["USER", "SASL " + " ".join(MECHANISMS)]
        if session.tls is None and session.door.tls_options is not None:
            words.append("STLS")
    return words


def offers_sign_in(session: Pop3Session) -> bool:
    """Never in the clear from outside the host."""
    return session.tls is not None or session.peer.is_loopback
