"""Takes responsibility for a message: trace on top, delivery, and the reply only after the commit (RFC 5321 §4.2.5)."""

from __future__ import annotations

import secrets
from datetime import datetime
from itertools import count
from mmap import mmap
from typing import TYPE_CHECKING, NamedTuple

from twisted.logger import Logger

from services.smtp_ingest import replies
from services.smtp_ingest.replies import OF_ONE_MAILBOX, Reply, reply_to
from services.smtp_ingest.trace import MOST_HOPS, hops, missing_fields, trace_fields
from services.smtp_ingest.transaction import Recipient, Transaction
from shared.conversation.errors import SpoolFull
from shared.conversation.spool import Spool
from shared.mail.deliver import Incoming

if TYPE_CHECKING:
    from services.smtp_ingest.session import SmtpSession

log = Logger()
_HEADER_OCTETS = 1 << 20  # how far the end of a header is looked for
_queue_ids = count(secrets.randbits(56))  # begins where no other process does


class _Accepted(NamedTuple):
    """A message that is ready to be kept."""

    octets: bytes | mmap
    queue_id: str
    received_at: datetime


async def accept_message(session: SmtpSession, transaction: Transaction, content: Spool) -> None:
    """Deliver `content` and answer: once, or on an LMTP door once for each recipient, in RCPT's order."""
    octets = content.octets
    if octets.find(b"\0") >= 0:
        answer_for_message(session, transaction, replies.NUL_OCTET)
        return
    header = _header(octets)
    if hops(header) > MOST_HOPS:
        answer_for_message(session, transaction, replies.ROUTING_LOOP)
        return
    now, queue_id = session.door.now(), f"{next(_queue_ids):x}"
    try:
        trace = _trace(session, transaction, header, queue_id, now)
        content.prepend(trace + b"\r\n" if _begins_blank(octets) else trace)
    except SpoolFull as error:
        answer_for_message(session, transaction, reply_to(error))
        return
    message = _Accepted(content.octets, queue_id, now)
    if session.door.policy.lmtp:
        await _deliver_to_each(session, transaction, message)
    else:
        session.say(await _deliver(session, transaction.recipients, message))


def _header(octets: bytes | mmap) -> bytes:
    if octets[:2] == b"\r\n" or _begins_blank(octets):
        return b""
    end = octets.find(b"\r\n\r\n", 0, _HEADER_OCTETS)
    return octets[: end + 2 if end >= 0 else _HEADER_OCTETS]


def _begins_blank(octets: bytes | mmap) -> bool:
    """Whether the first line would be taken for more of our last field: it is a body's, then, without a header."""
    return octets[:1] in (b" ", b"\t")


def _trace(session: SmtpSession, transaction: Transaction, header: bytes, queue_id: str, now: datetime) -> bytes:
    """Our fields, which go on top of the client's octets."""
    hostname = session.door.hostname
    alone = transaction.recipients[0].path if len(transaction.recipients) == 1 else None
    fields = trace_fields(session.client(), hostname, transaction.sender, alone, queue_id, now)
    if session.door.policy.submission:
        fields += missing_fields(header, hostname, queue_id, now)
    return fields


async def _deliver(session: SmtpSession, recipients: list[Recipient], message: _Accepted) -> Reply:
    targets = list(dict.fromkeys(target for recipient in recipients for target in recipient.targets))
    try:
        await session.door.delivery.deliver(Incoming(message.octets, targets, message.received_at))
    except Exception as error:
        reply = reply_to(error)
        if reply is replies.UNEXPECTED:
            log.failure("message {queue_id} could not be delivered", queue_id=message.queue_id)
        return reply
    session.message_taken()
    return Reply(250, "2.0.0", f"taken as {message.queue_id}")


async def _deliver_to_each(session: SmtpSession, transaction: Transaction, message: _Accepted) -> None:
    """All at once if that goes; else each on its own, so that one full mailbox keeps nobody else's copy back.

    Not where the store is at fault: it may have kept the message in spite of all, and everybody would get it twice.
    """
    reply = await _deliver(session, transaction.recipients, message)
    if reply not in OF_ONE_MAILBOX or len(transaction.recipients) == 1:
        answer_for_message(session, transaction, reply)
        return
    for recipient in transaction.recipients:
        session.say(await _deliver(session, [recipient], message))


def answer_for_message(session: SmtpSession, transaction: Transaction, reply: Reply) -> None:
    """Say what becomes of the whole message: once, or by LMTP once for each recipient (RFC 2033 §4.2)."""
    for _ in transaction.recipients if session.door.policy.lmtp else (None,):
        session.say(reply)
