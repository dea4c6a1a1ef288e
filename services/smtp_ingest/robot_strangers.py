"""Senders elsewhere who write to a robot: answered where an operator wants it, and their domain is proved."""

from __future__ import annotations

from services.smtp_ingest.policy import RobotStrangers
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction
from shared.mail.address import domain_name
from shared.mail.errors import BadAddress
from shared.mail.mailbox import Mailbox
from shared.mail.robots import RobotKind
from shared.trust.verdict import TEMPERROR, Trust

NOT_PROVED = Reply(550, "5.7.1", "answers go to senders elsewhere whose domain is proved, by DKIM or SPF")
NOT_PROVED_NOW = Reply(451, "4.7.1", "whether the sender is proved cannot be found out now, try again")


def may_be_answered(session: SmtpSession, kind: RobotKind, sender: Mailbox) -> bool:
    """Whether the message may come, at RCPT: the sender is not proved yet, but could be, and answers can be sent."""
    parts = session.parts
    if parts.robot_strangers is RobotStrangers.OFF or kind.changes or session.strangers is None:
        return False
    domain = _domain_of(sender)
    return bool(domain) and parts.routes.takes(domain)


def refusal_of_unproved(transaction: MailTransaction) -> Reply | None:
    """The reply to a message, once it was checked; None where both senders, From's and the envelope's, are proved."""
    trust, domain = transaction.trust, _domain_of(transaction.sender)
    if trust.is_proved and trust.proves(domain):
        return None
    return NOT_PROVED_NOW if _is_unknown(trust) else NOT_PROVED


def _is_unknown(trust: Trust) -> bool:
    results = (trust.spf.result, trust.dmarc.result, *(each.result for each in trust.dkim))
    return TEMPERROR in results


def _domain_of(sender: Mailbox) -> str:
    try:
        return domain_name(sender.domain)
    except BadAddress:
        return ""
