"""Posting to a room from a mailbox program: what APPEND and COPY bring."""

from __future__ import annotations

from mmap import mmap

from services.mail_access.imap.replies import reply_to
from services.mail_access.imap.response import Reply, no
from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.imap.session import ImapSession
from shared.conversation.spool import Spool
from shared.errors import DomainError
from shared.folders.flags import DELETED
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.posts.post import Posted
from shared.rooms.posts.posting import Origin


async def post_to_room(session: ImapSession, to: RoomMailbox, content: bytes | mmap | Spool, flags: int) -> Posted:
    """Post an article, and mark it for this account as the client has it. Raises what Posting.post() raises."""
    origin = Origin(session.door_name, session.peer.host)
    posted = await session.parts.posting.post(content, to.reader, origin, [to.room])
    marks = flags & to.kept_flags & ~DELETED
    account = to.reader.account
    if marks and account is not None:
        for place in posted.places:
            try:
                await session.parts.database.transact(set_marks, account.id, place.folder_id, [place.uid], "add", marks)
            except DomainError:
                session.log.failure("what was posted could not be marked")  # it is posted all the same
    return posted


def reply_after(error: DomainError, done: int, of: int) -> Reply:
    """The reply when only some of several messages were posted: those stay."""
    reply = reply_to(error)
    if not done:
        return reply
    return no(b"%d of %d were posted, then: %b" % (done, of, reply.text), code=reply.code)
