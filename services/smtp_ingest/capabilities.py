"""SMTP's extensions, announced here alone; each has its transcript in tests/transcripts."""

from __future__ import annotations

from services.smtp_ingest.session import SmtpSession
from shared.accounts.sasl import MECHANISMS


def capabilities(session: SmtpSession) -> list[str]:
    """The EHLO keywords of `session` in its present state."""
    words = [
        "PIPELINING",
        f"SIZE {session.parts.message_octets}",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        *(["REQUIRETLS"] if session.tls is not None else []),
        "CHUNKING",
    ]
    if session.parts.policy.submission:
        words.append("DSN")
    if session.tls is None and session.parts.tls_options is not None:
        words.append("STARTTLS")
    if offers_sign_in(session):
        words.append("AUTH " + " ".join(MECHANISMS))
    return words


def offers_sign_in(session: SmtpSession) -> bool:
    """Whether AUTH may be used now: on a submission door, and never in the clear from outside the host."""
    return session.parts.policy.submission and session.may_sign_in
