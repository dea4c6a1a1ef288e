"""RCPT TO: names a recipient; an address that is not here is refused at once (RFC 5321 §4.1.1.3)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.path import MalformedParameter, PathArgument, parse_path_argument
from services.smtp_ingest.posts import refuses_recipient
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction, Recipient
from services.smtp_ingest.transaction_log import count_refusal
from shared.errors import DomainError
from shared.mail.errors import DomainNotLocal
from shared.mail.resolve import FolderTarget


async def rcpt(session: SmtpSession, argument: bytes) -> None:
    """RCPT TO:<path>. A mailbox without room for the size that MAIL announced is refused alone."""
    transaction = session.transaction
    if transaction is None:
        session.say(replies.BAD_SEQUENCE)
        return
    if argument[:3].upper() != b"TO:":
        session.say(replies.SYNTAX)
        return
    try:
        told = parse_path_argument(argument[3:])
    except MalformedParameter:
        session.say(replies.SYNTAX)
        return
    reply = _unfit(session, transaction, told) or await _added(session, transaction, told)
    if reply is not replies.RECIPIENT_OK:
        transaction.note_refused(told.path.text, reply)
        count_refusal(session, reply)
    session.say(reply)


def _unfit(session: SmtpSession, transaction: MailTransaction, told: PathArgument) -> Reply | None:
    if not told.path.domain and told.path.local_part.lower() != "postmaster":  # RFC 5321 §4.1.1.3
        return replies.BAD_RECIPIENT
    if told.parameters:
        return replies.UNKNOWN_PARAMETER
    if len(transaction.recipients) >= session.parts.recipients:
        return replies.TOO_MANY_RECIPIENTS
    return None


async def _added(session: SmtpSession, transaction: MailTransaction, told: PathArgument) -> Reply:
    path = told.path
    try:
        targets = await session.parts.resolver.resolve(path.local_part, path.domain, transaction.size_octets)
    except DomainError as error:
        if isinstance(error, DomainNotLocal) and session.parts.policy.submission:
            return replies.REMOTE_RECIPIENT
        return reply_to(error)
    if not isinstance(targets[0], FolderTarget):
        refused = await refuses_recipient(session, targets)
        if refused is not None:
            return refused
        transaction.is_for_rooms = True
    added = transaction.add(Recipient(path, targets))
    return replies.RECIPIENT_OK if added else replies.TOO_MANY_RECIPIENTS
