"""The acceptance of a message: our fields on top, delivery, and the reply only after the commit.

RFC 5321 §4.2.5.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from itertools import count
from mmap import mmap
from typing import NamedTuple

from twisted.logger import Logger

from services.smtp_ingest import replies
from services.smtp_ingest.author import NOT_JUDGED, AuthorVerdict, judge_author
from services.smtp_ingest.check_stranger import check_stranger
from services.smtp_ingest.content import NOTHING_SAID, ContentOutcome, judge_content
from services.smtp_ingest.forged_fields import forged_fields
from services.smtp_ingest.forwards import stops_loops
from services.smtp_ingest.leaving import Leaves, looked_at
from services.smtp_ingest.posts import RoomPlan, plan_rooms, post_and_decide
from services.smtp_ingest.replies import MAILBOX_FULL, OF_ONE_MAILBOX, Reply, reply_to
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction, Recipient
from shared.conversation.spool import Spool
from shared.give_way import Turns
from shared.mail.deliver import Incoming
from shared.mail.mailbox import Mailbox
from shared.messages.header_fields import HeaderFields
from shared.messages.trace import MOST_HOPS, missing_fields, trace_fields
from shared.trust.results_field import results_field
from shared.trust.verdict import UNCHECKED

log = Logger()
LOOKED_AT_ONCE_OCTETS = 1 << 20  # in less than a millisecond, in a file that is read the first time, too
HEADER_OCTETS = 4 << 20  # forty times Postfix's, looked through in 10 ms; fields further down could not be taken out
SINGLE = (b"return-path", b"authentication-results", b"from", b"sender")  # a message has a few of them at most,
MOST_SINGLE = 1000  # and each that is looked at takes a microsecond
_queue_ids = count(secrets.randbits(56))  # begins at another number than other processes'


class _Accepted(NamedTuple):
    """A message that is ready to be kept."""

    octets: bytes | mmap
    sender: Mailbox
    queue_id: str
    received_at: datetime
    leaves: Leaves | None = None  # some recipient is at another server, or its delivery is to be reported


async def accept_message(session: SmtpSession, transaction: MailTransaction, content: Spool) -> None:
    """Deliver `content` and answer: once, or on an LMTP door once for each recipient, in RCPT's order."""
    octets = content.octets
    transaction.queue_id, transaction.octets = f"{next(_queue_ids):x}", len(octets)
    header = header_of(octets)
    if header is None:
        session.refuse(replies.HEADER_TOO_LARGE)
        return
    fields = HeaderFields(header)
    if len(octets) <= LOOKED_AT_ONCE_OCTETS:
        has_nul = octets.find(b"\0") >= 0
    else:
        has_nul = await _has_nul(octets, Turns(session.clock))
    refusal = replies.NUL_OCTET if has_nul else _unfit(fields)
    if refusal is None and transaction.forwards and stops_loops(transaction, fields):
        refusal = replies.FORWARDING_LOOP
    if refusal is not None:
        session.refuse(refusal)
        return
    author = NOT_JUDGED if session.account is None else await judge_author(session, transaction, fields)
    if author.refusal is not None:
        session.refuse(author.refusal)
        return
    plan = await plan_rooms(session, transaction, fields) if transaction.is_for_rooms else None
    if plan is not None and plan.refusal is not None and not session.parts.policy.lmtp:
        session.refuse(plan.refusal)
        return
    if session.account is None and session.strangers is not None:
        refused = await check_stranger(session, session.strangers, transaction, fields, octets)
        if refused is not None:
            session.refuse(refused)
            return
    judged = NOTHING_SAID
    if session.parts.content_check is not None:  # last, for it has the most work with a message
        judged = await judge_content(session, transaction, content, fields)
        if judged.refusal is not None:
            session.refuse(judged.refusal)
            return
    now = session.parts.now()
    start, size = _fields_on_top(session, transaction, content, fields, author, judged, now)
    if plan is not None:
        start = plan.fields + start
    if not content.replace_start_in_memory(size, start):
        await content.replace_start(size, start, Turns(session.clock))
    if plan is not None:
        await _post_and_deliver(session, transaction, content, plan, now, header)
        return
    leaves = await looked_at(session, transaction, content, header) if transaction.is_sent_on else None
    message = _Accepted(content.octets, transaction.sender, transaction.queue_id, now, leaves)
    if session.parts.policy.lmtp:
        await _deliver_to_each(session, transaction, message)
    else:
        session.answer_for_message(await _deliver_to_all(session, transaction.recipients, message))


async def _post_and_deliver(
    session: SmtpSession, transaction: MailTransaction, content: Spool, plan: RoomPlan, now: datetime, header: bytes
) -> None:
    """Post to rooms first: who sends it again after a failure behind that is told that it is posted already."""
    answers = await post_and_decide(session, transaction, content, plan)
    assert transaction.queue_id is not None
    leaves = await looked_at(session, transaction, content, header) if transaction.is_sent_on else None
    message = _Accepted(content.octets, transaction.sender, transaction.queue_id, now, leaves)
    if session.parts.policy.lmtp:
        for recipient, answer in zip(transaction.recipients, answers, strict=True):
            if answer is None:  # the spool is empty when there was no room for the fields on top
                answer = await _deliver(session, [recipient], message) if len(content) else replies.NO_ROOM_NOW
            recipient.reply = answer
            session.say(answer)
        return
    replied = [answer for answer in answers if answer is not None]
    reply = next((answer for answer in replied if answer.code >= 400), None)
    others = [each for each, answer in zip(transaction.recipients, answers, strict=True) if answer is None]
    if reply is None:
        reply = await _deliver_to_all(session, others, message) if others else replied[0]
    session.answer_for_message(reply)


def header_of(octets: bytes | mmap) -> bytes | None:
    """The header with its last line's end; None when it is too large to be looked through."""
    if octets[:2] == b"\r\n" or _begins_blank(octets):
        return b""
    end = octets.find(b"\r\n\r\n", 0, HEADER_OCTETS)
    if end < 0:
        return octets[:] if len(octets) <= HEADER_OCTETS else None
    return octets[: end + 2]


def _begins_blank(octets: bytes | mmap) -> bool:
    """Whether the first line begins with a blank, so that it would be read as a continuation of our last field.

    It belongs to a body without a header, then.
    """
    return octets[:1] in (b" ", b"\t")


async def _has_nul(octets: bytes | mmap, turns: Turns) -> bool:
    for start in range(0, len(octets), LOOKED_AT_ONCE_OCTETS):
        if octets.find(b"\0", start, start + LOOKED_AT_ONCE_OCTETS) >= 0:
            return True
        if turns.is_over:
            await turns.give_way()
    return False


def _unfit(header: HeaderFields) -> Reply | None:
    if header.lines <= MOST_HOPS:  # as nearly all have
        return None
    if sum(map(header.count, SINGLE)) > MOST_SINGLE:
        return replies.HEADER_TOO_LARGE
    return replies.ROUTING_LOOP if header.count(b"received") > MOST_HOPS else None


def _fields_on_top(
    session: SmtpSession,
    transaction: MailTransaction,
    content: Spool,
    header: HeaderFields,
    author: AuthorVerdict,
    judged: ContentOutcome,
    now: datetime,
) -> tuple[bytes, int]:
    """The octets to put on top, and how many of the client's octets they replace.

    They are our fields, followed by the client's header where forged fields had to be taken out of it.
    """
    hostname, policy = session.parts.hostname, session.parts.policy
    assert transaction.queue_id is not None
    alone = transaction.recipients[0].path.text if len(transaction.recipients) == 1 else ""
    # Strangers read rooms; where a member was at the time is nobody's business there (docs/decisions/0033).
    hidden = transaction.is_for_rooms and session.account is not None
    sender = transaction.sender.text
    results = "" if transaction.trust is UNCHECKED else results_field(hostname, transaction.trust)
    ours = trace_fields(session.client(), hostname, sender, alone, transaction.queue_id, now, results, hidden=hidden)
    if policy.submission:
        ours += missing_fields(header, hostname, transaction.queue_id, now) + author.added
    ours += judged.added
    removed = [*forged_fields(header, hostname, trusts_results=policy.lmtp), *author.removed, *judged.removed]
    if removed:
        return ours + header.without(removed), len(header)
    return ours if len(header) or not _begins_blank(content.octets) else ours + b"\r\n", 0


async def _deliver(
    session: SmtpSession, recipients: list[Recipient], message: _Accepted, *, over_quota: bool = False
) -> Reply:
    try:
        if message.leaves is None:
            targets = [recipient.targets for recipient in recipients]
            incoming = Incoming(message.octets, message.sender, targets, message.received_at, over_quota)
            await session.parts.delivery.deliver(incoming)
        else:
            here, item_of = message.leaves.divided(recipients)
            incoming = Incoming(message.octets, message.sender, here, message.received_at, over_quota)
            await session.parts.delivery.deliver(incoming, item_of)
    except Exception as error:
        reply = reply_to(error)
        if reply is replies.UNEXPECTED:
            log.failure("message {queue_id} could not be delivered", queue_id=message.queue_id)
        return reply
    session.message_taken()
    return Reply(250, "2.0.0", f"taken as {message.queue_id}")


async def _deliver_to_all(session: SmtpSession, recipients: list[Recipient], message: _Accepted) -> Reply:
    """One reply for all recipients.

    If one of several mailboxes has become too full since RCPT, it takes this message over its quota: otherwise all
    recipients would wait for that one (docs/decisions/0016).
    """
    reply = await _deliver(session, recipients, message)
    if reply is MAILBOX_FULL:
        for recipient in recipients:
            session.parts.resolver.forget_one(recipient.path.local_part, recipient.path.domain)
        if len(recipients) > 1:
            reply = await _deliver(session, recipients, message, over_quota=True)
    return reply


async def _deliver_to_each(session: SmtpSession, transaction: MailTransaction, message: _Accepted) -> None:
    """A reply for each recipient: deliver to all at once, and if that is refused, to each alone, so that one full
    mailbox does not keep the message from the others.

    Not after a failure of the store: it may have kept the message, and everybody would get it twice.
    """
    taking = [recipient for recipient in transaction.recipients if recipient.refusal is None]
    reply = await _deliver(session, taking, message)
    if reply not in OF_ONE_MAILBOX or len(taking) == 1:
        session.answer_for_message(reply)
        return
    for recipient in transaction.recipients:
        recipient.reply = recipient.refusal or await _deliver(session, [recipient], message)
        session.say(recipient.reply)
