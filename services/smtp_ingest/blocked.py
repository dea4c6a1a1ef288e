"""Senders and networks that the operator takes no mail from (`agora sender`)."""

from __future__ import annotations

from services.smtp_ingest.replies import NETWORK_BLOCKED, SENDER_BLOCKED, Reply
from services.smtp_ingest.session import SmtpSession
from shared.mail.mailbox import Mailbox
from shared.senders.rule_name import is_network


def blocked(session: SmtpSession, sender: Mailbox) -> Reply | None:
    """The reply to mail of a client that has not signed in, where a rule blocks it."""
    rule = session.parts.senders.rules.blocking(sender, session.peer.host)
    if not rule:
        return None
    return NETWORK_BLOCKED if is_network(rule) else SENDER_BLOCKED
