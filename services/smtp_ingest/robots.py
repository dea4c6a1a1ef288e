"""Mail for robots: it is taken at once, and answered later by mail (shared/robots)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from twisted.logger import Logger

from services.smtp_ingest.path import NULL_PATH
from services.smtp_ingest.replies import UNEXPECTED, Reply
from services.smtp_ingest.robot_strangers import may_be_answered, refusal_of_unproved
from services.smtp_ingest.room_replies import refusal
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.taken import taken
from services.smtp_ingest.transaction import MailTransaction, Recipient
from shared.conversation.spool import Spool
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.ip_network import network_of
from shared.mail.resolve import FolderTarget, RobotTarget, RoomTarget, Targets
from shared.mail.robots import ROBOTS
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.robots.take_job import ToRobot, take_job
from shared.robots.take_strangers_job import FromStranger, take_strangers_job
from shared.rooms.errors import RoomExists
from shared.rooms.posts.list_mail import is_automatic
from shared.rooms.weblog import find_or_make_weblog

log = Logger()
SIGN_IN = Reply(550, "5.7.1", "sign in to write by mail: send through the submission port")
NOT_LOCAL = Reply(550, "5.7.1", "answers go to mailboxes of this server only, and the sender has none")
AUTOMATIC = Reply(550, "5.7.1", "automatic replies, bounces and bulk mail change nothing here")
MOST_HEADER_OCTETS = 64 << 10  # of a message whose header alone is read


async def refuses_robot(session: SmtpSession, target: RobotTarget) -> Reply | None:
    """The reply to RCPT for a client whose mail the robot does not take."""
    if session.account is not None:
        return None
    if ROBOTS[target.robot].is_for_members:
        return SIGN_IN
    if session.transaction is not None and not session.transaction.sender.local_part:
        return None  # a bounce: it is taken, and not answered
    if await _account_of_sender(session) is not None:
        return None
    sender = session.transaction.sender if session.transaction is not None else NULL_PATH
    return None if may_be_answered(session, ROBOTS[target.robot], sender) else NOT_LOCAL


async def as_room(session: SmtpSession, target: RobotTarget) -> Targets:
    """The room that the robot's mail is posted to, made where there is none. Raises the store's errors."""
    for _ in range(2):
        with suppress(RoomExists):  # made by somebody else at this moment
            room = await session.parts.database.transact(find_or_make_weblog)
            await session.parts.rooms.rooms(room.name)
            return (RoomTarget(room.folder_id),)
    return (target,)


def is_never_answered(fields: HeaderFields, transaction: MailTransaction) -> bool:
    """Whether no person sent it (RFC 3834 §2), or it came by a list, or from a robot."""
    base = transaction.sender.local_part.partition("+")[0].lower()
    robot = ROBOTS.get(base)
    if not base or (robot is not None and not robot.is_optional) or is_automatic(fields) or fields.count(b"list-id"):
        return True
    return any(fields.value(field).strip().lower() == b"list" for field in fields.find(b"precedence"))


async def take_for_robot(
    session: SmtpSession, transaction: MailTransaction, recipient: Recipient, content: Spool, *, is_answered: bool
) -> Reply:
    """Keep the message for the robot: committed when this returns."""
    target = recipient.targets[0]
    assert isinstance(target, RobotTarget)
    kind = ROBOTS[target.robot]
    if not is_answered:
        return AUTOMATIC if kind.changes else taken(session, "such mail is not answered")
    account_id = session.account.id if session.account is not None else await _account_of_sender(session)
    if account_id is None:
        if not may_be_answered(session, kind, transaction.sender):
            return NOT_LOCAL
        refused = refusal_of_unproved(transaction)
        if refused is not None:
            return refused
    octets = content.octets
    if not kind.reads_body:
        octets = octets[: min(end_of_header(octets, 0, len(octets)), MOST_HEADER_OCTETS)]
    header = octets[: min(end_of_header(octets, 0, len(octets)), MOST_HEADER_OCTETS)]
    fields = HeaderFields(header)
    identifier = fields.first(b"message-id")
    assert transaction.queue_id is not None
    own = transaction.queue_id.encode() if identifier is None else fields.value(identifier).strip()
    address, sender = recipient.path.text, transaction.sender.text
    take: Callable[[Transaction], bool]
    if account_id is None:
        network = network_of(session.peer.host)
        take = partial(
            take_strangers_job,
            message=FromStranger(kind, target.detail, address, sender, network, own, octets[:]),
        )
    else:
        is_proved = session.account is not None or refusal_of_unproved(transaction) is None
        take = partial(
            take_job, message=ToRobot(kind, target.detail, address, account_id, is_proved, sender, own, octets[:])
        )
    try:
        session.parts.database.free_space.check()
        is_answered = await session.parts.database.transact(take)
    except Exception as error:
        reply = refusal(error)
        if reply is UNEXPECTED:
            log.failure("mail for a robot could not be taken")
        return reply
    return taken(session, f"{kind.name} answers by mail" if is_answered else "too many within an hour, not answered")


async def _account_of_sender(session: SmtpSession) -> int | None:
    """The account whose mailbox the envelope's sender is; None for one elsewhere, and one that several share."""
    assert session.transaction is not None
    sender = session.transaction.sender
    try:
        targets = await session.parts.resolver.resolve(sender.local_part, sender.domain)
    except DomainError as error:
        if error.temporary:
            raise
        return None
    accounts = [target.account_id for target in targets if isinstance(target, FolderTarget)]
    return accounts[0] if len(accounts) == 1 else None
