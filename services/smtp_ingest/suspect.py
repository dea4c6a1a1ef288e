"""Suspect mail: kept in Junk where its recipient has a mailbox here, refused where it would be sent on or acted on."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from twisted.logger import Logger

from services.smtp_ingest.forwards import folder_targets
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction, Recipient
from shared.mail.junk import junk_folders
from shared.mail.resolve import FolderTarget, ForwardTarget, RequestTarget, RobotTarget, RoomTarget

log = Logger()
# A room has no Junk; a robot, and a room that is asked for its posts, would write to the sender, who may be forged.
# A target with a token, as the end of a subscription, takes suspect mail: the token is proof.
_ACTING = RoomTarget | RobotTarget | RequestTarget


class Suspicion(NamedTuple):
    """Why mail is suspect: the replies to what is for an address elsewhere, and for a room or a robot."""

    sent_on: Reply
    acted_upon: Reply


NOT_PROVED = Suspicion(
    Reply(550, "5.7.1", "mail that its author's domain does not vouch for is not sent on to another server"),
    Reply(550, "5.7.1", "rooms and robots take no mail that its author's domain does not vouch for"),
)
LOOKS_LIKE_SPAM = Suspicion(
    Reply(550, "5.7.1", "the message looks like spam, which is not sent on to another server"),
    Reply(550, "5.7.1", "the message looks like spam, which rooms and robots do not take"),
)


async def keep_suspect(session: SmtpSession, transaction: MailTransaction, why: Suspicion) -> Reply | None:
    """Lead the message to Junk; the reply, if it is refused.

    One reply is for all recipients, so one that cannot have the message keeps it from the others: its copy must not be
    lost without a word. By LMTP the reply is for that recipient alone, as `Recipient.refusal`.

    Raises the store's errors.
    """
    refusals = [_refusal(each, why) for each in transaction.recipients]
    refused = next(filter(None, refusals), None)
    if refused is not None:
        if not session.parts.policy.lmtp:
            return refused
        for recipient, refusal in zip(transaction.recipients, refusals, strict=True):
            recipient.refusal = refusal
        if None not in refusals:
            return refused
    if transaction.forwards:
        _forward_nothing(transaction)
    await _lead_to_junk(session, transaction)
    return None


def _refusal(recipient: Recipient, why: Suspicion) -> Reply | None:
    if isinstance(recipient.targets[0], _ACTING):
        return why.acted_upon
    return why.sent_on if isinstance(recipient.targets[0], ForwardTarget) else None


def _forward_nothing(transaction: MailTransaction) -> None:
    for recipient in transaction.recipients:
        if recipient.refusal is None and isinstance(recipient.targets[-1], ForwardTarget):
            recipient.targets = folder_targets(recipient.targets)
            log.info(
                "message {queue_id} for {address} is suspect, kept here and not sent on",
                queue_id=transaction.queue_id,
                address=recipient.path.text,
            )
    transaction.forwards = False
    transaction.is_sent_on = transaction.leaves or transaction.tells_of_success


async def _lead_to_junk(session: SmtpSession, transaction: MailTransaction) -> None:
    """Where an account has no Junk, the message goes where it goes already."""
    accounts = {
        target.account_id
        for recipient in transaction.recipients
        for target in recipient.targets
        if isinstance(target, FolderTarget)
    }
    if not accounts:
        return
    junk = await session.parts.database.read(junk_folders, list(accounts))
    for recipient in transaction.recipients:
        recipient.targets = tuple(
            replace(target, folder_id=junk.get(target.account_id, target.folder_id))
            if isinstance(target, FolderTarget)
            else target
            for target in recipient.targets
        )
