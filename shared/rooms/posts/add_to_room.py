"""Putting an article that is in other rooms into one more: a crosspost that came later."""

from __future__ import annotations

import re

from shared.database.transaction import Transaction
from shared.folders.append import Place
from shared.folders.channel import FolderChanged
from shared.folders.lock import lock_folder
from shared.rooms.room import Readers, Room

# The line of a room that the same people read, if it is in one: Xref of an open room names no room for members.
_FIND = """
    SELECT message.id, size_octets, identifier.identifier, found.overview, found.reading,
           EXISTS (SELECT FROM article WHERE message_id = message.id AND folder_id = %(room)s)
    FROM identifier JOIN message ON message.id = message_id CROSS JOIN LATERAL (
        SELECT overview, reading FROM article JOIN room USING (folder_id)
        WHERE message_id = message.id AND cancelled_at IS NULL
        ORDER BY reading = %(reading)s DESC, folder_id LIMIT 1
    ) AS found
    WHERE identifier = %(identifier)s AND identifier.door = %(door)s
"""
_XREF_PLACES = re.compile(rb"(?<=\tXref: )(\S+).*(?=\r\n\Z)", re.DOTALL)
_ENTRY = """
    INSERT INTO entry (folder_id, message_id, flags, modseq, uid, size_octets) VALUES (%s, %s, 0, %s, %s, %s)
"""
_FOLDER = """
    UPDATE folder SET uidnext = uidnext + 1, highest_modseq = %s, messages = messages + 1, unseen = unseen + 1,
                      octets = octets + %s
    WHERE id = %s
"""
_ARTICLE = """
    INSERT INTO article (folder_id, uid, message_id, identifier, overview, came_at)
    VALUES (%s, %s, %s, %s, %s, statement_timestamp())
"""


def add_to_room(tx: Transaction, room: Room, identifier: bytes, door: str) -> Place | None:
    """Give the article that came by `door` the next number in `room`, too.

    None if it is nowhere, is there or was there already, or came by another door: whoever posts may choose a
    Message-ID. Its Message-ID and octets stay as they are; Xref (RFC 5536 §3.2.14) names the new place in this room
    only. Announces FolderChanged. Raises FolderNotFound.
    """
    folder = lock_folder(tx, room.folder_id)
    row = tx.row(_FIND, {"room": folder.id, "reading": room.reading, "identifier": identifier, "door": door})
    if row is None:
        return None
    message_id, size_octets, identifier, overview, reading, is_here = row
    if is_here:
        return None
    if reading != room.reading and room.reading is Readers.EVERYONE:
        overview = _XREF_PLACES.sub(rb"\1", overview)
    uid, modseq = folder.uidnext, folder.highest_modseq + 1
    line = b"%d\t%b %b:%d\r\n" % (uid, overview.partition(b"\t")[2].removesuffix(b"\r\n"), room.name.encode(), uid)
    tx.execute_together(
        [
            (_ENTRY, (folder.id, message_id, modseq, uid, size_octets)),
            (_FOLDER, (modseq, size_octets, folder.id)),
            (_ARTICLE, (folder.id, uid, message_id, identifier, line)),
        ]
    )
    tx.announce(FolderChanged(folder.id, modseq))
    return Place(folder.id, folder.uidvalidity, uid)
