"""APPEND (RFC 3501 §6.3.11, APPENDUID RFC 4315 §3): several that a client sends without waiting are committed together.

They are answered in the order they came, each after the commit that holds it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial

from twisted.internet.defer import Deferred

from services.mail_access.imap.append_log import record_append
from services.mail_access.imap.mailbox_named import ROOMS_PREFIX, mailbox_named
from services.mail_access.imap.post_to_room import post_to_room
from services.mail_access.imap.proper_lines import is_seen_to_be_proper, with_proper_lines
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.replies import UNEXPECTED, reply_about_target, reply_to
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.unanswered import Late, Unanswered
from services.mail_access.imap.updates import send_updates
from services.mail_access.imap.values.commands import Append
from shared.accounts.account import Account
from shared.conversation.spool import Spool
from shared.errors import DomainError
from shared.folders.append import Place
from shared.folders.append_named import NamedAppend


async def obey(session: ImapSession, account: Account, command: Append) -> Reply | None:
    """Begin to store the message. Returns a Reply if it is refused at once."""
    began, octets = session.clock.seconds(), len(command.message)
    spool = command.message
    if not is_seen_to_be_proper(spool):
        made = await with_proper_lines(session, command)
        if isinstance(made, Reply):
            record_append(session, command.mailbox, octets, made, began)
            command.message.close()
            return made
        spool, octets = made, len(made)
    if command.mailbox.startswith(ROOMS_PREFIX):
        return await _post(session, account, command, spool, began)
    if session.unanswered is None:
        session.unanswered = Unanswered(session.clock, session.write, session.wake, partial(_tell_changes, session))
    try:
        if not session.unanswered.has_room(octets):
            await session.unanswered.make_room(octets)
        received_at = command.received_at or datetime.now(UTC)
        message = await session.parts.message_intake.prepare(
            spool.octets, received_at
        )  # before the next command is read: they keep their order
    except Exception:
        session.log.failure("APPEND failed")
        record_append(session, command.mailbox, octets, UNEXPECTED, began)
        spool.close()
        return UNEXPECTED
    except BaseException:  # the client has left: the message counts in the intake until it is closed
        spool.close()
        raise
    late = Late(session.tag, octets)
    session.unanswered.begin(late)
    flags = command.flags
    item = NamedAppend(account.id, command.mailbox, flags.mask, flags.keywords, message)
    Deferred.fromCoroutine(_keep(session, session.unanswered, late, item, spool, began))
    return None


async def _post(session: ImapSession, account: Account, command: Append, spool: Spool, began: float) -> Reply:
    """Post the message to a room. The client waits: a post shares its commit with others' anyhow."""
    octets, uid, reply = len(spool), None, UNEXPECTED
    try:
        room = await mailbox_named(session.parts, account, command.mailbox)
        assert isinstance(room, RoomMailbox)
        posted = await post_to_room(session, room, spool, command.flags.mask)
        if not posted.places:  # it has no number yet, or was a control message
            reply = ok(b"APPEND completed, a moderator will decide" if posted.held else b"APPEND completed")
        else:
            place = posted.places[0]
            uid = place.uid
            await _tell_changes(session, {place.folder_id})
            reply = ok(b"APPEND completed", code=b"APPENDUID %d %d" % (place.uidvalidity, place.uid))
    except DomainError as error:
        reply = reply_to(error)
    except Exception:
        session.log.failure("APPEND failed")
    finally:
        spool.close()
    record_append(session, command.mailbox, octets, reply, began, uid)
    return reply


async def _keep(
    session: ImapSession, unanswered: Unanswered, late: Late, item: NamedAppend, spool: Spool, began: float
) -> None:
    reply, place = UNEXPECTED, None
    try:
        place = await _append(session, item)
        reply = ok(b"APPEND completed", code=b"APPENDUID %d %d" % (place.uidvalidity, place.uid))
    except DomainError as error:
        reply = reply_about_target(error)
    except Exception:
        session.log.failure("APPEND failed")
    finally:
        spool.close()
    uid = folder_id = None
    if place is not None:
        folder_id, uid = place.folder_id, place.uid
    late.record = lambda reply: record_append(session, item.folder, late.octets, reply, began, uid)
    unanswered.end(late, reply, folder_id)


async def _append(session: ImapSession, item: NamedAppend) -> Place:
    (place,) = (await session.parts.message_intake.keep(item)).places
    if isinstance(place, DomainError):
        raise place
    return place


async def _tell_changes(session: ImapSession, changed_folders: Collection[int | None]) -> None:
    """If messages came into the selected mailbox, tell before the OK (RFC 3501 §6.3.11 asks for it)."""
    selected = session.selected
    if selected is None or selected.folder_id not in changed_folders:
        return
    try:
        await send_updates(session, selected)
    except (DomainError, Farewell):
        return  # the message is stored: a failure from here on must not change its OK
    await session.tell(selected.expunge())
