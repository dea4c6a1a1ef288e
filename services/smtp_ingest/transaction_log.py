"""The line that each transaction leaves in the log, and each refused MAIL."""

from __future__ import annotations

from typing import Protocol

from services.smtp_ingest.parts import SmtpParts
from services.smtp_ingest.replies import Reply
from services.smtp_ingest.transaction import MailTransaction
from shared.activity.events import (
    ABANDONED,
    ACCEPTED,
    DEFERRED,
    MOST_RECIPIENTS_SHOWN,
    REFUSED,
    Message,
    Outcome,
    RecipientReply,
)
from shared.activity.line import LONGEST_FIELD
from shared.activity.metrics import QUOTA_REFUSALS, REFUSALS
from shared.clock import Clock
from shared.conversation.peer import Peer
from shared.trust.verdict import UNCHECKED

FULL = "4.2.2"
# Reasons of refusals for the metrics, by the enhanced status of the reply (RFC 3463).
REASONS = {
    "4.2.1": "mailbox_changing",
    FULL: "mailbox_full",
    "4.3.0": "store_away",
    "4.3.1": "no_room",
    "4.3.2": "shutting_down",
    "4.5.3": "too_many_recipients",
    "4.7.0": "limit",
    "4.7.1": "limit",
    "5.1.1": "unknown_mailbox",
    "5.1.3": "bad_recipient",
    "5.1.7": "bad_sender",
    "5.2.1": "mailbox_disabled",
    "5.3.4": "too_large",
    "5.4.6": "loop",
    "5.5.1": "sequence",
    "5.5.2": "syntax",
    "5.5.4": "syntax",
    "5.6.0": "malformed",
    "5.7.0": "sign_in_first",
    "5.7.1": "not_allowed",
    "5.7.23": "not_proved",
    "5.7.26": "not_proved",
}


class Recorded(Protocol):
    """A session, as far as the lines tell of it."""

    parts: SmtpParts
    clock: Clock
    peer: Peer
    greeting: str | None

    @property
    def door_name(self) -> str: ...
    def account_name(self) -> str: ...
    def record_message(self, event: Message) -> None: ...


def record_transaction(session: Recorded, transaction: MailTransaction) -> Outcome:
    """`transaction` is over: answered, taken back, or left by its client. Returns which."""
    outcome, last = _outcome(transaction)
    refused = transaction.refused_count
    if last is not None and (last.code >= 400 or session.parts.policy.lmtp):
        refusals = [each.reply for each in transaction.recipients if each.reply is not None and each.reply.code >= 400]
        if outcome is ACCEPTED:
            refused += len(refusals)
        for reply in dict.fromkeys(refusals):
            count_refusal(session, reply)
    to = [
        RecipientReply(each.path.text, 250 if each.reply is None else each.reply.code)
        for each in transaction.recipients[:MOST_RECIPIENTS_SHOWN]
    ]
    if transaction.refused:
        to += [
            RecipientReply(address, reply.code)
            for address, reply in transaction.refused[: MOST_RECIPIENTS_SHOWN - len(to)]
        ]
    ms = round((session.clock.seconds() - transaction.began) * 1000)
    session.record_message(
        Message(
            transaction.queue_id or "",
            outcome,
            session.door_name,
            session.peer.host,
            session.account_name(),
            session.greeting or "",
            transaction.sender.text or "<>",
            to,
            len(transaction.recipients) + transaction.refused_count,
            refused,
            transaction.octets,
            None if last is None else last.code,
            "" if last is None else last.status,
            ms,
            "" if transaction.trust is UNCHECKED else transaction.trust.word,
        )
    )
    return outcome


def record_refused_sender(session: Recorded, argument: bytes, reply: Reply) -> None:
    """`reply` is said to MAIL: there will be no transaction."""
    count_refusal(session, reply)
    outcome = REFUSED if reply.code >= 500 else DEFERRED
    peer, account, greeting = session.peer.host, session.account_name(), session.greeting or ""
    sender = _address(argument)
    session.record_message(
        Message(
            "", outcome, session.door_name, peer, account, greeting, sender, (), 0, 0, 0, reply.code, reply.status, 0
        )
    )


def count_refusal(session: Recorded, reply: Reply) -> None:
    """`reply` refuses a sender, a recipient or a message."""
    REFUSALS.add((session.door_name, REASONS.get(reply.status, "other")))
    if reply.status == FULL:
        QUOTA_REFUSALS.add((session.door_name,))


def _outcome(transaction: MailTransaction) -> tuple[Outcome, Reply | None]:
    """The outcome of the message, and the reply that tells it."""
    last = None
    for recipient in transaction.recipients:
        if recipient.reply is not None:
            last = recipient.reply
            if last.code < 300:
                return ACCEPTED, last
    if last is None and not transaction.recipients and transaction.refused:
        last = transaction.refused[-1][1]
    if last is None:
        return ABANDONED, None
    return (REFUSED if last.code >= 500 else DEFERRED), last


def _address(argument: bytes) -> str:
    """As the client wrote it, without the angle brackets; `<>` for the null sender. Cut, for it may be anything."""
    text = argument[5:] if argument[:5].upper() == b"FROM:" else argument
    text = text.strip()
    if text.startswith(b"<") and not text.startswith(b"<>"):
        text = text[1:].partition(b">")[0]
    else:
        text = text.partition(b" ")[0]
    return text[:LONGEST_FIELD].decode("utf-8", "backslashreplace")
