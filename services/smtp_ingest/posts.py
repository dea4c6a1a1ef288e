"""Mail for rooms: a post by its policy; mail that decides about a held post; mail that asks for the posts by mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from twisted.logger import Logger

from services.smtp_ingest import room_replies
from services.smtp_ingest.replies import UNEXPECTED, Reply
from services.smtp_ingest.room_replies import refusal
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.transaction import MailTransaction
from services.smtp_ingest.written_text import written_text
from shared.conversation.spool import Spool
from shared.mail.resolve import ConfirmationTarget, DecisionTarget, RequestTarget, RoomTarget, Targets
from shared.messages.header_fields import HeaderFields
from shared.rooms.approve import approve
from shared.rooms.errors import DuplicateArticle, MayNotPost
from shared.rooms.list_mail import is_automatic, is_loop, list_fields
from shared.rooms.policy import verdict
from shared.rooms.posted_to import is_posted_to
from shared.rooms.posting import Origin
from shared.rooms.reject import reject
from shared.rooms.room import Room
from shared.rooms.subscriptions.request import RequestVerb, ask_to_confirm, confirm_request, obey_request

log = Logger()


class RoomPlan(NamedTuple):
    """The rooms that a message is for, why they do not take it, and the fields that are put on top for them."""

    rooms: Sequence[Room]
    refusal: Reply | None
    fields: bytes


async def refuses_recipient(session: SmtpSession, targets: Targets) -> Reply | None:
    """The reply to RCPT where the address is a room's or a decision's, and this client may not write to it."""
    target = targets[0]
    if isinstance(target, DecisionTarget):
        return room_replies.SIGN_IN_TO_DECIDE if session.account is None else None
    if isinstance(target, RequestTarget) and target.verb == RequestVerb.HELP:
        return room_replies.SIGN_IN_TO_ASK if session.account is None else None
    if not isinstance(target, RoomTarget):
        return None
    known = await session.parts.rooms.rooms()
    room = known.by_id.get(target.room_id)
    if room is None:
        return room_replies.NOT_YET
    judged = verdict(room, known.reader(session.account))
    if not isinstance(judged, MayNotPost):
        return None
    if judged.sign_in_helps:
        return Reply(550, "5.7.1", f"{judged}: sign in, and send through the submission port")
    return refusal(judged)


async def plan_rooms(session: SmtpSession, transaction: MailTransaction, fields: HeaderFields) -> RoomPlan:
    """Look at the header of a message that is for rooms, or for decisions about posts."""
    known = await session.parts.rooms.rooms()
    wanted = dict.fromkeys(
        target.room_id
        for recipient in transaction.recipients
        for target in recipient.targets
        if isinstance(target, RoomTarget)
    )
    rooms = [known.by_id[number] for number in wanted if number in known.by_id]
    names = [room.name for room in rooms]
    domain = session.parts.mail_domain
    reply = None
    if len(rooms) < len(wanted):
        reply = room_replies.NOT_YET
    elif is_loop(fields, names, domain):
        reply = room_replies.LIST_LOOP
    elif not transaction.sender.local_part or is_automatic(fields):
        reply = room_replies.AUTOMATIC
    return RoomPlan(rooms, reply, list_fields(names, domain))


async def post_and_decide(
    session: SmtpSession, transaction: MailTransaction, content: Spool, plan: RoomPlan
) -> Sequence[Reply | None]:
    """The reply to each recipient that is a room, a decision or a request, in RCPT's order; None for the others.

    What is put on top of a post is also on top of what the others get: it is one message.
    """
    answers: list[Reply | None] = []
    posted: Reply | None = None
    for recipient in transaction.recipients:
        target, answer = recipient.targets[0], None
        if isinstance(target, DecisionTarget):
            answer = plan.refusal or await _decide(session, target, content)
        elif isinstance(target, RequestTarget | ConfirmationTarget):
            answer = plan.refusal or await _obey(session, transaction, target)
        elif isinstance(target, RoomTarget):
            posted = posted or plan.refusal or await _post(session, content, plan.rooms)
            answer = posted
        answers.append(answer)
    return answers


async def _post(session: SmtpSession, content: Spool, rooms: Sequence[Room]) -> Reply:
    try:
        known = await session.parts.rooms.rooms()
        origin = Origin(session.parts.policy.name, session.peer.host)
        posted = await session.parts.posting.post(content, known.reader(session.account), origin, rooms)
    except DuplicateArticle as duplicate:
        return await _sent_again(session, duplicate, rooms)
    except Exception as error:
        return _refused(error)
    identifier = posted.identifier.decode("ascii", "replace")
    return _taken(session, f"{identifier} {'is held for the moderators' if posted.held else 'is posted'}")


async def _sent_again(session: SmtpSession, duplicate: DuplicateArticle, rooms: Sequence[Room]) -> Reply:
    """A sender that had no answer sends the message again: it is taken, if it went to the same rooms."""
    identifier = str(duplicate)
    try:
        ids = [room.folder_id for room in rooms]
        if await session.parts.database.read(is_posted_to, identifier.encode(), ids):
            return _taken(session, f"{identifier} is posted already")
    except Exception as error:
        return _refused(error)
    return refusal(duplicate)


async def _decide(session: SmtpSession, target: DecisionTarget, content: Spool) -> Reply:
    parts, now = session.parts, session.parts.now()
    try:
        reader = (await parts.rooms.rooms()).reader(session.account)
        if target.approves:
            decided = await parts.database.transact(
                approve, target.token, reader, parts.hostname, parts.mail_domain, now
            )
        else:
            reason = written_text(content.octets)
            decided = await parts.database.transact(reject, target.token, reader, reason, parts.mail_domain, now)
    except Exception as error:
        return _refused(error)
    return _taken(session, f"the post is {decided.outcome}")


async def _obey(
    session: SmtpSession, transaction: MailTransaction, target: RequestTarget | ConfirmationTarget
) -> Reply:
    """Who has signed in is obeyed at once; anybody else may have given somebody's address, who is asked."""
    database, now, domain = session.parts.database, session.parts.now(), session.parts.mail_domain
    try:
        if isinstance(target, ConfirmationTarget):
            return _taken(session, await database.transact(confirm_request, target.token, domain, now))
        verb = RequestVerb(target.verb)
        if session.account is not None:
            account = session.account.id
            return _taken(session, await database.transact(obey_request, target.room_id, account, verb, domain, now))
        sender = transaction.sender.local_part, transaction.sender.domain
        await database.transact(ask_to_confirm, target.room_id, sender, verb, domain, now)
    except Exception as error:
        return _refused(error)
    return _taken(session, "a message in your mailbox asks whether it was you")


def _taken(session: SmtpSession, text: str) -> Reply:
    session.message_taken()
    assert session.transaction is not None
    return Reply(250, "2.0.0", f"taken as {session.transaction.queue_id}: {text}")


def _refused(error: Exception) -> Reply:
    reply = refusal(error)
    if reply is UNEXPECTED:
        log.failure("mail for a room could not be posted")
    return reply
