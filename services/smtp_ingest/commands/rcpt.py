"""RCPT TO: names a recipient; an address that is not here is refused at once (RFC 5321 §4.1.1.3)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.blocked import blocked
from services.smtp_ingest.forwards import forwarded
from services.smtp_ingest.path import MalformedParameter, PathArgument, parse_path_argument
from services.smtp_ingest.posts import led_on, refuses_recipient
from services.smtp_ingest.replies import Reply, reply_to
from services.smtp_ingest.report_requests import NOTHING_OF_RECIPIENT, OF_RCPT, recipient_requests
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction, Recipient
from services.smtp_ingest.transaction_log import count_refusal
from shared.errors import DomainError
from shared.mail.address import address_of
from shared.mail.errors import DomainNotLocal
from shared.mail.resolve import FolderTarget, ForwardTarget, RemoteTarget, ReturnTarget


async def rcpt(session: SmtpSession, argument: bytes) -> None:
    """RCPT TO:<path> [NOTIFY=…] [ORCPT=…], these on submission doors, as DSN is offered there.

    A mailbox without room for the size that MAIL announced is refused alone.
    """
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
        if not session.parts.policy.submission or not OF_RCPT.issuperset(told.parameters):
            return replies.UNKNOWN_PARAMETER
        if recipient_requests(told.parameters) is None:
            return replies.SYNTAX
    if not transaction.recipients:
        return None
    if len(transaction.recipients) >= session.parts.recipients:
        return replies.TOO_MANY_RECIPIENTS
    if not transaction.sender.local_part and session.account is None:  # a bounce has one recipient (RFC 5321 §4.5.5)
        return blocked(session, transaction.sender)
    return None


async def _added(session: SmtpSession, transaction: MailTransaction, told: PathArgument) -> Reply:
    path = told.path
    try:
        targets = await session.parts.resolver.resolve(path.local_part, path.domain, transaction.size_octets)
    except DomainError as error:
        if isinstance(error, DomainNotLocal) and session.parts.policy.submission:
            return _added_elsewhere(session, transaction, told)
        return reply_to(error)
    if isinstance(targets[-1], ForwardTarget | ReturnTarget):
        try:
            targets = await forwarded(session, transaction, path, targets)
        except DomainError as error:
            return reply_to(error)
        if not targets:
            return replies.REMOTE_RECIPIENT
    if not isinstance(targets[0], FolderTarget | ForwardTarget):
        targets = await led_on(session, targets)
        refused = await refuses_recipient(session, targets)
        if refused is not None:
            return refused
        transaction.is_for_rooms = True
    recipient = Recipient(path, targets)
    if told.parameters:
        recipient.reports = recipient_requests(told.parameters) or NOTHING_OF_RECIPIENT
        if "SUCCESS" in recipient.reports.notify:
            transaction.tells_of_success = transaction.is_sent_on = True
    added = transaction.add(recipient)
    return replies.RECIPIENT_OK if added else replies.TOO_MANY_RECIPIENTS


def _added_elsewhere(session: SmtpSession, transaction: MailTransaction, told: PathArgument) -> Reply:
    """Who has come so far has signed in: MAIL wants that on a submission door."""
    path = told.path
    domain = address_of(path.local_part, path.domain).domain  # resolve() has read it already
    if not session.parts.routes.takes(domain):
        return replies.REMOTE_RECIPIENT
    notify, original = recipient_requests(told.parameters) or NOTHING_OF_RECIPIENT
    target = RemoteTarget(path.text, domain, notify, original)
    if not transaction.add(Recipient(path, (target,))):
        return replies.TOO_MANY_RECIPIENTS
    transaction.leaves = transaction.is_sent_on = True
    return replies.RECIPIENT_OK
