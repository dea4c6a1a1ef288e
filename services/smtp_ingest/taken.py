"""The reply to a message that is taken by something else than a mailbox: it says what becomes of it."""

from __future__ import annotations

from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession


def taken(session: SmtpSession, text: str) -> Reply:
    """250, with the id of the log."""
    session.message_taken()
    assert session.transaction is not None
    return Reply(250, "2.0.0", f"taken as {session.transaction.queue_id}: {text}")
