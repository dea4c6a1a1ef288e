"""A report to the sender of a message: into a mailbox here, or itself into the queue, without a sender of its own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.bodies import load_range
from shared.folders.errors import MessageNotFound
from shared.folders.message import NewMessage
from shared.mail.address import parse_address
from shared.mail.errors import DomainNotLocal
from shared.mail.lookup import FolderTarget, look_up
from shared.messages.render import render
from shared.messages.scan import end_of_header
from shared.outbound.claim import QueuedMessage
from shared.outbound.outcome import AttemptOutcome, Reported, ReportKind
from shared.outbound.queue_own import queue_own
from shared.outbound.report_text import Original, ReportNames, report_text
from shared.outbound.tls_wish import TlsWish

# More of a header, or a larger message that was asked for, is not returned: a report is small.
MOST_RETURNED_OCTETS = 64 << 10
DELIVERED, QUEUED, DROPPED = "delivered", "queued", "dropped"


def report(
    tx: Transaction,
    kind: ReportKind,
    message: QueuedMessage,
    outcomes: Sequence[AttemptOutcome],
    names: ReportNames,
    now: datetime,
    give_up_after: timedelta,
) -> Reported | None:
    """Tell the sender of these outcomes; None for the null sender, who is never told (RFC 5321 §4.5.5).

    A report that nobody can have (the account is gone, or disabled) is dropped.
    """
    if not message.sender:
        return None
    original = _original(tx, message)
    text = report_text(kind, message, outcomes, original, names, now, message.queued_at + give_up_after)
    queue_id = secrets.token_hex(7)
    fate = _send(tx, message, text, queue_id, now)
    return Reported(kind, message, queue_id, len(outcomes), fate)


def _original(tx: Transaction, message: QueuedMessage) -> Original:
    try:
        octets = load_range(tx, message.message_id, 0, min(message.size_octets, MOST_RETURNED_OCTETS))
    except MessageNotFound:
        return Original(b"", False)
    # RFC 8689 §5: of a message that nobody should read on its way the body is not returned.
    if message.returns_all and message.tls is not TlsWish.REQUIRED and message.size_octets <= MOST_RETURNED_OCTETS:
        return Original(octets, True)
    return Original(octets[: end_of_header(octets, 0, len(octets))], False)


def _send(tx: Transaction, reported: QueuedMessage, text: bytes, queue_id: str, now: datetime) -> str:
    try:
        address = parse_address(reported.sender)
    except DomainError:
        return DROPPED
    (targets,) = look_up(tx, [address])
    message = NewMessage(text, now, render(text))
    if isinstance(targets, DomainNotLocal):
        tls = reported.tls if reported.tls is TlsWish.REQUIRED else TlsWish.USUAL  # RFC 8689 §5: a report needs it, too
        queue_own(tx, message, reported.sender, address.domain, queue_id, tls)
        return QUEUED
    if isinstance(targets, DomainError):
        return DROPPED
    inboxes = [target.folder_id for target in targets if isinstance(target, FolderTarget)]
    if not inboxes:
        return DROPPED
    append = Append(message, [AppendTarget(inbox) for inbox in inboxes], one_of_each=[inboxes], over_quota=True)
    (result,) = append_entries(tx, [append])
    return DROPPED if isinstance(result, DomainError) else DELIVERED
