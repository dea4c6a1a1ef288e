r"""Cancelling what a moderator has marked \Deleted in a room: IMAP's EXPUNGE."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from shared.database.transaction import Transaction
from shared.folders.flags import DELETED
from shared.folders.packed import array_literal
from shared.rooms.cancels.cancel import cancel_numbers
from shared.rooms.marks.set_marks import set_marks

_MARKED = """
    SELECT uid FROM mark CROSS JOIN unnest(deleted) AS span
        JOIN entry ON entry.folder_id = mark.folder_id AND uid >= lower(span) AND uid < upper(span)
    WHERE mark.account_id = %(account_id)s AND mark.folder_id = %(folder_id)s
      AND (%(uids)s::integer[] IS NULL OR uid = ANY(%(uids)s::integer[]))
"""


def cancel_marked(
    tx: Transaction, account_id: int, folder_id: int, among: Iterable[int] | None = None
) -> Collection[int]:
    r"""Cancel the articles of the room that the account has marked \Deleted: all, or those among some numbers.

    Whether the account may is the caller's to know. Returns their numbers. Announces FolderChanged.
    """
    uids = None if among is None else array_literal(among)
    marked = [uid for (uid,) in tx.rows(_MARKED, {"account_id": account_id, "folder_id": folder_id, "uids": uids})]
    if not marked:
        return ()
    cancelled = [uid for _, uid in cancel_numbers(tx, [(folder_id, uid) for uid in marked], account_id)]
    set_marks(tx, account_id, folder_id, marked, "remove", DELETED)  # one that is put back must not go again at once
    return cancelled
