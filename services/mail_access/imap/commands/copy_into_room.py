"""COPY into a room: every message is a post, with the checks of one."""

from __future__ import annotations

from array import array

from services.mail_access.imap.post_to_room import post_to_room, reply_after
from services.mail_access.imap.response import Reply, no, ok
from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import send_updates
from services.mail_access.imap.values.commands import Copy
from services.mail_access.imap.values.sequence_set import render_set
from shared.errors import DomainError
from shared.folders.errors import MessageNotFound

MOST_POSTS = 20  # of one COPY: each is a commit of its own, and a thousand would fill a room


async def post_copies(
    session: ImapSession, selected: Selected, to: RoomMailbox, uids: array[int], command: Copy
) -> Reply:
    """Post the messages one by one. Those that were posted stay when a later one is refused: the NO says how many."""
    if command.move:
        return no(b"messages are copied into a room, not moved", code=b"CANNOT")
    if len(uids) > MOST_POSTS:
        return no(b"at most %d messages at a time are posted to a room" % MOST_POSTS, code=b"LIMIT")
    new_uids: list[int] = []
    uidvalidity = 0
    for done, uid in enumerate(uids):
        try:
            posted = await post_to_room(session, to, *await _message(session, selected, uid))
        except DomainError as error:
            return reply_after(error, done, len(uids))
        for place in posted.places:
            uidvalidity = place.uidvalidity
            new_uids.append(place.uid)
    if to.room.folder_id == selected.folder_id:
        await send_updates(session, selected)
    if len(new_uids) < len(uids) or not uids:  # some are held, and have no numbers yet
        return ok(b"COPY completed")
    return ok(b"COPY completed", b"COPYUID %d %b %b" % (uidvalidity, render_set(uids), render_set(new_uids)))


async def _message(session: ImapSession, selected: Selected, uid: int) -> tuple[bytes, int]:
    """The message's octets, and its flags as this client knows them."""
    position = selected.numbering.position(uid)
    assert position is not None  # nothing but this session's coroutine takes a message out of its numbering
    message_id = selected.numbering.message_ids[position]
    octets = (await session.parts.message_cache.bodies([message_id])).get(message_id)
    if octets is None:
        raise MessageNotFound
    return octets, selected.numbering.mask(position)
