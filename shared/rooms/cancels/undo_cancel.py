"""Undoing a cancel: the article is back under the numbers that it had, within the 30 days that it is kept.

It has a new modseq, so that whoever follows the change log learns of it; an IMAP session that has the room selected
sees it when it selects it again (docs/decisions).
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.folder import Folder
from shared.folders.lock import lock_folders
from shared.folders.packed import array_literal, unsigned_32
from shared.rooms.cancels.cancel import Cancelled, Number
from shared.rooms.errors import ArticleNotFound, NotTheAuthor
from shared.rooms.reader import Reader

_GONE = """
    SELECT article.folder_id, uid, identifier.account_id, cancelled_by
    FROM identifier JOIN article ON article.message_id = identifier.message_id
    WHERE identifier.identifier = %s AND cancelled_at IS NOT NULL ORDER BY article.folder_id
"""
_PUT_BACK = """
    WITH back AS (
        DELETE FROM vanished WHERE folder_id = %(folder_id)s AND uid = ANY(%(uids)s::integer[])
        RETURNING uid, message_id, flags
    ), sized AS MATERIALIZED (
        SELECT uid, message_id, flags, size_octets FROM back JOIN message ON message.id = message_id
    ), entries AS (
        INSERT INTO entry (folder_id, message_id, flags, modseq, uid, size_octets)
        SELECT %(folder_id)s, message_id, flags, %(modseq)s, uid, size_octets FROM sized
    ), articles AS (
        UPDATE article SET cancelled_at = NULL, cancelled_by = NULL
        WHERE folder_id = %(folder_id)s AND uid IN (SELECT uid FROM sized)
    )
    SELECT string_agg(int4send(uid), '' ORDER BY uid), count(*), count(*) FILTER (WHERE flags & 8 = 0),
           coalesce(sum(size_octets), 0)
    FROM sized
"""
_GROW = """
    UPDATE folder SET highest_modseq = %s, messages = messages + %s, unseen = unseen + %s, octets = octets + %s
    WHERE id = %s
"""


def undo_cancel(tx: Transaction, identifier: bytes, reader: Reader) -> Cancelled:
    """Put the article back where `reader` cancelled it as its author, and in the rooms that they moderate.

    Announces FolderChanged. Raises ArticleNotFound where nothing is cancelled, or was so too long ago; NotTheAuthor.
    """
    rows = _gone(tx, identifier)
    own = reader.account_id
    numbers = [
        (room, uid)
        for room, uid, author, by in rows
        if reader.is_moderator_of(room) or (own is not None and author == own == by)
    ]
    if not numbers:
        raise NotTheAuthor(identifier.decode("ascii", "replace"))
    return _undo(tx, identifier, numbers)


def undo_everywhere(tx: Transaction, identifier: bytes) -> Cancelled:
    """The same by the operator, who needs no leave. Raises ArticleNotFound."""
    return _undo(tx, identifier, [(room, uid) for room, uid, *_ in _gone(tx, identifier)])


def _gone(tx: Transaction, identifier: bytes) -> Sequence[tuple[int, int, int | None, int | None]]:
    rows = tx.rows(_GONE, (identifier,))
    if not rows:
        raise ArticleNotFound(identifier.decode("ascii", "replace"))
    return [(room, uid, author, by) for room, uid, author, by in rows]


def _undo(tx: Transaction, identifier: bytes, numbers: Sequence[Number]) -> Cancelled:
    folders = lock_folders(tx, [room for room, _ in numbers])
    back: list[Number] = []
    for folder in folders.values():
        back += _put_back(tx, folder, [uid for room, uid in numbers if room == folder.id])
    if not back:
        raise ArticleNotFound(identifier.decode("ascii", "replace"))
    return Cancelled(identifier, back)


def _put_back(tx: Transaction, folder: Folder, uids: Sequence[int]) -> Sequence[Number]:
    modseq = folder.highest_modseq + 1
    row = tx.row(_PUT_BACK, {"folder_id": folder.id, "uids": array_literal(uids), "modseq": modseq})
    assert row is not None  # aggregates without GROUP BY give one row
    back, messages, unseen, octets = unsigned_32(row[0]), *row[1:]
    if not messages:
        return ()
    tx.execute(_GROW, (modseq, messages, unseen, octets, folder.id))
    tx.announce(FolderChanged(folder.id, modseq))
    return [(folder.id, uid) for uid in back]
