"""The report that a message is in mailboxes here, for a sender that asks for it by NOTIFY=SUCCESS (RFC 3461 §4.1)."""

from __future__ import annotations

from collections.abc import Sequence

from services.smtp_ingest.forwards import kept_targets
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction, Recipient
from shared.folders.append import Append, AppendTarget
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.outbound.claim import QueuedMessage, QueuedRecipient
from shared.outbound.outcome import AttemptOutcome, Fate, ReportKind
from shared.outbound.report import MOST_RETURNED_OCTETS
from shared.outbound.report_text import Original, ReportNames, report_text


def success_report(
    session: SmtpSession,
    transaction: MailTransaction,
    recipients: Sequence[Recipient],
    inboxes: Sequence[int],
    octets: bytes,
) -> Append | None:
    """For these INBOXes of the sender; None where no recipient with a mailbox here wants one.

    `octets` is the message's header, or all of it where that was asked for. Rooms and robots make no reports.
    """
    parts, account = session.parts, session.account
    wanting = [each for each in recipients if "SUCCESS" in each.reports.notify and kept_targets(each.targets)]
    if not wanting or not inboxes or account is None:
        return None
    now = parts.now()
    message = QueuedMessage(
        0,
        transaction.queue_id or "",
        0,
        account.name,
        transaction.sender.text,
        transaction.octets,
        False,
        not octets.isascii() and transaction.utf8,
        transaction.reports.envelope_id,
        returns_all(transaction),
        now,
    )
    outcomes = [
        AttemptOutcome(
            QueuedRecipient(0, each.path.text, "", "", each.reports.original, 0, False, message),
            Fate.DELIVERED,
            "2.1.5",
            "in a mailbox of this server",
        )
        for each in wanting
    ]
    names = ReportNames(parts.hostname, parts.mail_domain)
    original = Original(octets, message.returns_all)
    text = report_text(ReportKind.DELIVERED, message, outcomes, original, names, now, now)
    return Append(NewMessage(text, now, render(text)), [AppendTarget(inbox) for inbox in inboxes], over_quota=True)


def returns_all(transaction: MailTransaction) -> bool:
    """RET=FULL, for a message that is small enough."""
    return transaction.reports.returns_all and transaction.octets <= MOST_RETURNED_OCTETS
