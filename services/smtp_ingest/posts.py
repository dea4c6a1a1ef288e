"""Mail for rooms: a post by its policy; mail that decides about a held post; mail that asks for the posts by mail.

What is for robots goes the same way (robots.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from twisted.logger import Logger

from services.smtp_ingest import room_replies
from services.smtp_ingest.replies import UNEXPECTED, Reply
from services.smtp_ingest.robots import as_room, is_never_answered, refuses_robot, take_for_robot
from services.smtp_ingest.room_replies import refusal
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.subscribers_elsewhere import (
    ask_sender_elsewhere,
    end_subscription,
    is_elsewhere,
    refuses_bounce,
    take_bounce,
)
from services.smtp_ingest.taken import taken
from services.smtp_ingest.transaction import MailTransaction
from services.smtp_ingest.written_text import written_text
from shared.administration import own_forwards
from shared.administration.own_forwards import CameBy
from shared.conversation.spool import Spool
from shared.mail.resolve import (
    BounceTarget,
    ConfirmationTarget,
    DecisionTarget,
    FolderTarget,
    ForwardTarget,
    OwnForwardTarget,
    RequestTarget,
    RobotTarget,
    RoomTarget,
    Targets,
    UnsubscribeTarget,
)
from shared.mail.robots import ROBOTS
from shared.messages.header_fields import HeaderFields
from shared.outbound.own_forwards.letters import ForwardChange
from shared.rooms.errors import DuplicateArticle, MayNotPost
from shared.rooms.moderation.approve import approve
from shared.rooms.moderation.reject import reject
from shared.rooms.policy import verdict
from shared.rooms.posts.list_mail import is_automatic, is_loop, list_fields
from shared.rooms.posts.posted_to import is_posted_to
from shared.rooms.posts.posting import Origin
from shared.rooms.room import Room
from shared.rooms.subscriptions.request import RequestVerb, ask_to_confirm, confirm_request, obey_request

log = Logger()
_NOT_OF_ROOMS = FolderTarget | ForwardTarget | RobotTarget | BounceTarget


class RoomPlan(NamedTuple):
    """The rooms that a message is for, why they do not take it, and the fields that are put on top for them."""

    rooms: Sequence[Room]
    refusal: Reply | None
    fields: bytes
    is_answered: bool  # by robots


async def led_on(session: SmtpSession, targets: Targets) -> Targets:
    """The room in place of a robot that posts to one. Raises the store's errors."""
    target = targets[0]
    if isinstance(target, RobotTarget) and ROBOTS[target.robot].room and session.account is not None:
        return await as_room(session, target)
    return targets


async def refuses_recipient(session: SmtpSession, targets: Targets) -> Reply | None:
    """The reply to RCPT where the address is a room's or a decision's, and this client may not write to it."""
    target = targets[0]
    if isinstance(target, DecisionTarget):
        return room_replies.SIGN_IN_TO_DECIDE if session.account is None else None
    if isinstance(target, RequestTarget) and target.verb == RequestVerb.HELP:
        return room_replies.SIGN_IN_TO_ASK if session.account is None else None
    if isinstance(target, RobotTarget):
        return await refuses_robot(session, target)
    if isinstance(target, BounceTarget):
        return refuses_bounce(session)
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
    if all(isinstance(each.targets[0], _NOT_OF_ROOMS) for each in transaction.recipients):
        return RoomPlan((), None, b"", not is_never_answered(fields, transaction))
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
    return RoomPlan(rooms, reply, list_fields(names, domain), not is_never_answered(fields, transaction))


async def post_and_decide(
    session: SmtpSession, transaction: MailTransaction, content: Spool, plan: RoomPlan
) -> Sequence[Reply | None]:
    """The reply to each recipient that is a room, a decision, a request or a robot, in RCPT's order; None for others.

    What is put on top of a post is also on top of what the others get: it is one message.
    """
    answers: list[Reply | None] = []
    posted: Reply | None = None
    for recipient in transaction.recipients:
        target, answer = recipient.targets[0], None
        if recipient.refusal is not None:
            answer = recipient.refusal
        elif isinstance(target, DecisionTarget):
            answer = plan.refusal or await _decide(session, target, content)
        elif isinstance(target, RequestTarget | ConfirmationTarget):
            answer = plan.refusal or await _obey(session, transaction, target)
        elif isinstance(target, OwnForwardTarget):
            answer = plan.refusal or await _confirm_forward(session, transaction, target)
        elif isinstance(target, BounceTarget):
            answer = await take_bounce(session, target, content)
        elif isinstance(target, UnsubscribeTarget):
            answer = plan.refusal or await end_subscription(session, target)
        elif isinstance(target, RobotTarget):
            answer = await take_for_robot(session, transaction, recipient, content, is_answered=plan.is_answered)
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
    return taken(session, f"{identifier} {'is held for the moderators' if posted.held else 'is posted'}")


async def _sent_again(session: SmtpSession, duplicate: DuplicateArticle, rooms: Sequence[Room]) -> Reply:
    """A sender that had no answer sends the message again: it is taken, if it went to the same rooms."""
    identifier = str(duplicate)
    try:
        ids = [room.folder_id for room in rooms]
        if await session.parts.database.read(is_posted_to, identifier.encode(), ids):
            return taken(session, f"{identifier} is posted already")
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
    return taken(session, f"the post is {decided.outcome}")


async def _obey(
    session: SmtpSession, transaction: MailTransaction, target: RequestTarget | ConfirmationTarget
) -> Reply:
    """Who has signed in is obeyed at once; anybody else may have given somebody's address, who is asked."""
    database, now, domain = session.parts.database, session.parts.now(), session.parts.mail_domain
    try:
        if isinstance(target, ConfirmationTarget):
            return taken(session, await database.transact(confirm_request, target.token, domain, now))
        verb = RequestVerb(target.verb)
        if session.account is not None:
            account = session.account.id
            return taken(session, await database.transact(obey_request, target.room_id, account, verb, domain, now))
        sender = transaction.sender
        if await is_elsewhere(session, sender):
            await ask_sender_elsewhere(session, sender, target.room_id, verb)
        else:
            await database.transact(
                ask_to_confirm, target.room_id, (sender.local_part, sender.domain), verb, domain, now
            )
    except Exception as error:
        return _refused(error)
    return taken(session, "a message in your mailbox asks whether it was you")


async def _confirm_forward(session: SmtpSession, transaction: MailTransaction, target: OwnForwardTarget) -> Reply:
    """The token, which only the forward's target was sent, is the proof."""
    parts, peer = session.parts, session.peer.host
    change = ForwardChange(f"a mail from {transaction.sender.text} ({peer})", parts.mail_domain, parts.now())
    try:
        asked = await parts.database.transact(
            own_forwards.confirm, target.token, change, CameBy(parts.policy.name, peer)
        )
    except Exception as error:
        return _refused(error)
    return taken(session, f"mail for {asked.account.name} is sent on to {asked.target}")


def _refused(error: Exception) -> Reply:
    reply = refusal(error)
    if reply is UNEXPECTED:
        log.failure("mail for a room could not be posted")
    return reply
