"""The check of a message from a stranger: what is known of its sender, and what the operator's policy makes of that."""

from __future__ import annotations

from mmap import mmap

from services.smtp_ingest import replies
from services.smtp_ingest.allowed import is_allowed
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.suspect import NOT_PROVED, keep_suspect
from services.smtp_ingest.transaction import MailTransaction
from shared.messages.header_fields import HeaderFields
from shared.trust.checks import Arrival
from shared.trust.strangers import Strangers
from shared.trust.verdict import FAIL


async def check_stranger(
    session: SmtpSession,
    strangers: Strangers,
    transaction: MailTransaction,
    fields: HeaderFields,
    octets: bytes | mmap,
) -> Reply | None:
    """Set `transaction.trust`; the reply to a message that is refused. One for Junk is led there.

    Raises the store's errors, only for a message for Junk.
    """
    sender = transaction.sender
    arrival = Arrival(session.peer.host, session.greeting or "", (sender.local_part, sender.domain), fields, octets)
    transaction.trust = trust = await strangers.checks.check(arrival)
    if not strangers.suspect(trust) or is_allowed(session, transaction):
        return None
    if strangers.refuse(trust):
        return replies.DMARC_FAILED if trust.dmarc.result == FAIL else replies.SPF_FAILED
    return await keep_suspect(session, transaction, NOT_PROVED)
