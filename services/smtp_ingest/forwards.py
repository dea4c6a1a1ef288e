"""Recipients here that lead to addresses elsewhere: forwards, and return addresses of what was forwarded."""

from __future__ import annotations

from twisted.logger import Logger

from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction, Recipient
from shared.mail.delivered_to import was_delivered_to
from shared.mail.mailbox import Mailbox
from shared.mail.resolve import FolderTarget, ForwardTarget, ReturnTarget, Targets
from shared.messages.header_fields import HeaderFields

log = Logger()


async def forwarded(session: SmtpSession, transaction: MailTransaction, path: Mailbox, targets: Targets) -> Targets:
    """The targets that can be served: none where all are elsewhere, and no mail goes there.

    Raises ReturnAddresses.led_back()'s errors.
    """
    if isinstance(targets[0], ReturnTarget):
        targets = await session.parts.return_addresses.led_back(path.local_part, transaction.sender)
    kept = tuple(
        each for each in targets if not isinstance(each, ForwardTarget) or session.parts.routes.takes(each.domain)
    )
    if kept and len(kept) < len(targets):
        log.warn("mail for {address} is not forwarded: no mail goes to other hosts", address=path.text)
    if kept and isinstance(kept[-1], ForwardTarget):
        transaction.forwards = transaction.is_sent_on = True
    return kept


def leads_back(recipient: Recipient, header: HeaderFields) -> bool:
    """Whether the message was forwarded from this recipient before, and comes back to go there again."""
    return isinstance(recipient.targets[-1], ForwardTarget) and was_delivered_to(header, recipient.path.text)


def stops_loops(transaction: MailTransaction, header: HeaderFields) -> bool:
    """Whether all of the message is in a loop, and nobody here would keep it.

    Who has mail sent on and keeps no copy keeps what comes back: it is not sent on again.
    """
    looping = [each for each in transaction.recipients if leads_back(each, header)]
    kept = [each for each in looping if any(isinstance(one, FolderTarget) and one.is_sent_on for one in each.targets)]
    for recipient in kept:
        recipient.targets = folder_targets(recipient.targets)
    return len(looping) == len(transaction.recipients) and not kept


def folder_targets(targets: Targets) -> Targets:
    """Those that are folders here."""
    return (
        targets
        if len(targets) == 1 and isinstance(targets[0], FolderTarget)
        else tuple(each for each in targets if isinstance(each, FolderTarget))
    )


def kept_targets(targets: Targets) -> Targets:
    """The folders that keep the message: not those whose owner has it sent on, and wants no copy."""
    if len(targets) == 1 and isinstance(targets[0], FolderTarget):  # as nearly all are
        return targets
    sent_on = {each.own_of for each in targets if isinstance(each, ForwardTarget)}
    return tuple(
        each
        for each in targets
        if isinstance(each, FolderTarget) and not (each.is_sent_on and each.account_id in sent_on)
    )


def forwarded_requests(recipient: Recipient) -> tuple[str, str]:
    """NOTIFY and ORCPT of a copy that goes elsewhere; where a mailbox here has one, that alone reports success."""
    notify, original = recipient.reports
    if "SUCCESS" in notify and kept_targets(recipient.targets):
        notify = ",".join(case for case in notify.split(",") if case != "SUCCESS") or "NEVER"
    return notify, original
