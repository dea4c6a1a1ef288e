"""Bringing expunged messages back: the same messages under new numbers, for as long as purge.py keeps them."""

from __future__ import annotations

from datetime import datetime

from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.errors import QuotaExceeded
from shared.folders.flags import DELETED
from shared.folders.lock import lock_folder
from shared.folders.quota import octets_left

# What was moved is still in a folder of the account, and what was there twice comes back once. Keyword bits that stand
# for another keyword now were taken out of `vanished` then (keywords.py).
_BRING_BACK = """
    WITH gone AS (
        SELECT DISTINCT ON (vanished.message_id) vanished.message_id, vanished.flags & ~%(deleted)s::bigint AS flags,
            vanished.uid, message.size_octets
        FROM vanished JOIN message ON message.id = vanished.message_id
        WHERE vanished.folder_id = %(folder)s AND vanished.vanished_at >= %(since)s
            AND NOT EXISTS (SELECT FROM entry JOIN folder ON folder.id = entry.folder_id
                            WHERE entry.message_id = vanished.message_id AND folder.account_id = %(account)s)
        ORDER BY vanished.message_id, vanished.uid DESC
    ), numbered AS (
        SELECT *, row_number() OVER (ORDER BY uid)::integer - 1 AS place FROM gone
    ), brought AS (
        INSERT INTO entry (folder_id, message_id, flags, modseq, uid, size_octets)
        SELECT %(folder)s, message_id, flags, %(modseq)s, %(uidnext)s + place, size_octets FROM numbered
        RETURNING flags, size_octets
    )
    SELECT count(*)::integer, (count(*) FILTER (WHERE flags & 8 = 0))::integer, coalesce(sum(size_octets), 0)::bigint
    FROM brought
"""
_GROW = """
    UPDATE folder SET uidnext = uidnext + %(messages)s, highest_modseq = %(modseq)s, messages = messages + %(messages)s,
        unseen = unseen + %(unseen)s, octets = octets + %(octets)s
    WHERE id = %(folder)s
"""


def undelete(tx: Transaction, folder_id: int, since: datetime) -> int:
    """Bring back what was expunged from the folder since then and is in no folder of its account; how many came.

    They have new numbers and are not \\Deleted. Raises FolderNotFound, FolderNotSelectable, and QuotaExceeded when the
    account has no room for all of them: then none comes back.
    """
    folder = lock_folder(tx, folder_id)
    modseq = folder.highest_modseq + 1
    parameters = {
        "folder": folder.id,
        "account": folder.account_id,
        "since": since,
        "deleted": DELETED,
        "modseq": modseq,
        "uidnext": folder.uidnext,
    }
    row = tx.row(_BRING_BACK, parameters)
    assert row is not None  # aggregates without GROUP BY give one row
    messages, unseen, octets = row
    if messages:
        tx.execute(_GROW, parameters | {"messages": messages, "unseen": unseen, "octets": octets})
        if folder.account_id is not None and octets_left(tx, [folder.account_id]).get(folder.account_id, 0) < 0:
            raise QuotaExceeded
        tx.announce(FolderChanged(folder.id, modseq))
    return int(messages)
