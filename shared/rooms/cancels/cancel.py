"""Cancelling articles: they go from every room and door at once, and may come back for 30 days (undo_cancel.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.bodies import load_beginnings
from shared.folders.expunge import remove_named
from shared.folders.folder import FolderId
from shared.folders.lock import lock_folders
from shared.folders.packed import array_literal
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.rooms.article_header import MOST_HEADER_OCTETS
from shared.rooms.cancels.cancel_lock import elements, opens
from shared.rooms.errors import ArticleNotFound, NotTheAuthor
from shared.rooms.reader import Reader

Key = tuple[bytes, bytes]  # scheme and code (cancel_lock.py)
Number = tuple[int, int]  # a room, and an article's number there

_THERE = """
    SELECT article.folder_id, uid, article.message_id, identifier.account_id
    FROM identifier JOIN article ON article.message_id = identifier.message_id
    WHERE identifier.identifier = %s AND cancelled_at IS NULL ORDER BY article.folder_id
"""
_MARK = """
    UPDATE article SET cancelled_at = now(), cancelled_by = %s WHERE folder_id = %s AND uid = ANY(%s::integer[])
"""


class Cancelled(NamedTuple):
    """What was cancelled, and where."""

    identifier: bytes
    numbers: Sequence[Number]


def cancel_article(tx: Transaction, identifier: bytes, reader: Reader, keys: Sequence[Key] = ()) -> Cancelled:
    """Cancel an article in all rooms if `reader` is its author or has a key, else in those that they moderate.

    Announces FolderChanged. Raises ArticleNotFound, NotTheAuthor.
    """
    numbers = cancellable(tx, identifier, reader, keys)
    return Cancelled(identifier, cancel_numbers(tx, numbers, reader.account_id))


def cancel_everywhere(tx: Transaction, identifier: bytes) -> Cancelled:
    """The same by the operator, who needs no leave. Raises ArticleNotFound."""
    return Cancelled(identifier, cancel_numbers(tx, [(row[0], row[1]) for row in _there(tx, identifier)], None))


def cancellable(tx: Transaction, identifier: bytes, reader: Reader, keys: Sequence[Key] = ()) -> Sequence[Number]:
    """Where `reader` may cancel it. Raises ArticleNotFound, NotTheAuthor."""
    rows = _there(tx, identifier)
    *_, message_id, author = rows[0]
    numbers = [(room, uid) for room, uid, *_ in rows]
    if author is not None and author == reader.account_id:
        return numbers
    if keys and opens(keys, _locks(tx, message_id)):
        return numbers
    moderated = [(room, uid) for room, uid in numbers if reader.is_moderator_of(room)]
    if not moderated:
        raise NotTheAuthor(identifier.decode("ascii", "replace"))
    return moderated


def cancel_numbers(tx: Transaction, numbers: Iterable[Number], by: int | None) -> Sequence[Number]:
    """Cancel these numbers, whoever wrote what is there; those that are gone are passed over.

    A few round trips for each room, however many articles. Announces FolderChanged for each.
    """
    by_room: dict[int, list[int]] = {}
    for room, uid in numbers:
        by_room.setdefault(room, []).append(uid)
    cancelled: list[Number] = []
    for folder in lock_folders(tx, by_room).values():  # in the order of their ids
        gone = remove_named(tx, folder, by_room[folder.id]).uids
        if gone:
            tx.execute(_MARK, (by, folder.id, array_literal(gone)))
            cancelled += [(FolderId(folder.id), uid) for uid in gone]
    return cancelled


def _there(tx: Transaction, identifier: bytes) -> Sequence[tuple[int, int, int, int | None]]:
    """Room, number, message and author; at least one. Raises ArticleNotFound."""
    rows = tx.rows(_THERE, (identifier,))
    if not rows:
        raise ArticleNotFound(identifier.decode("ascii", "replace"))
    return [(room, uid, message_id, author) for room, uid, message_id, author in rows]


def _locks(tx: Transaction, message_id: int) -> Sequence[Key]:
    octets = load_beginnings(tx, {message_id: MOST_HEADER_OCTETS}).get(message_id, b"")
    return elements(HeaderFields(octets[: end_of_header(octets, 0, len(octets))]), b"cancel-lock")
