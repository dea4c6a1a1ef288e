"""The changes of a folder since a position in its change log."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.errors import ChangesForgotten, FolderNotFound
from shared.folders.folder import COLUMNS, Folder, folder_and_rest
from shared.folders.keywords import Keywords
from shared.folders.lock import selectable
from shared.folders.packed import signed_64, unsigned_32

# One statement, so that counters, entries and what vanished are of one moment; where the folder's row says that
# nothing is new, the tables behind it are not looked at. MATERIALIZED keeps PostgreSQL from reading a whole folder in
# the order of its UIDs for the sake of the aggregates.
_CHANGES = Prepared(
    f"""
    SELECT {COLUMNS}, uids, message_ids, flags, modseqs, vanished_uids,
           CASE WHEN highest_modseq > %(since)s THEN
               (SELECT array_agg(bit) FROM keyword WHERE folder_id = folder.id) END,
           CASE WHEN highest_modseq > %(since)s THEN
               (SELECT array_agg(keyword.name) FROM keyword WHERE folder_id = folder.id) END,
           forgotten_modseq
    FROM folder LEFT JOIN LATERAL (
        WITH changed AS MATERIALIZED (
            SELECT * FROM entry
            WHERE folder_id = %(folder_id)s AND modseq > %(since)s AND folder.highest_modseq > %(since)s
        )
        SELECT string_agg(int4send(uid), '' ORDER BY uid) AS uids,
               string_agg(int8send(message_id), '' ORDER BY uid) AS message_ids,
               string_agg(int8send(flags), '' ORDER BY uid) AS flags,
               string_agg(int8send(modseq), '' ORDER BY uid) AS modseqs
        FROM changed
    ) AS new ON true LEFT JOIN LATERAL (
        WITH gone AS MATERIALIZED (
            SELECT uid FROM vanished
            WHERE folder_id = %(folder_id)s AND modseq > %(since)s AND folder.highest_modseq > %(since)s
        )
        SELECT string_agg(int4send(uid), '' ORDER BY uid) AS vanished_uids FROM gone
    ) AS old ON true
    WHERE id = %(folder_id)s
"""
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences from the position that was asked about.

    `folder.highest_modseq` is the next position to ask about. Entries that are new or whose flags changed stand in the
    order of their UIDs; those that are gone again stand in `vanished` only. `keywords` are all of the folder's, None
    where nothing is new.
    """

    folder: Folder
    uids: array[int]  # 'I'
    message_ids: array[int]  # 'q'
    flags: array[int]  # 'q'
    modseqs: array[int]  # 'q'
    vanished: array[int]  # 'I'
    keywords: Keywords | None


def changes_since(tx: Transaction, folder_id: int, modseq: int) -> Changes:
    """Everything after the position `modseq`.

    Raises FolderNotFound when the folder is gone, ChangesForgotten when the position is older than what is known of
    vanished entries: open the folder anew then.
    """
    row = tx.row(_CHANGES, {"folder_id": folder_id, "since": modseq})
    if row is None:
        raise FolderNotFound
    folder, rest = folder_and_rest(row)
    uids, message_ids, flags, modseqs, vanished, bits, names, forgotten_modseq = rest
    if modseq < forgotten_modseq:
        raise ChangesForgotten
    return Changes(
        folder=selectable(folder),
        uids=unsigned_32(uids),
        message_ids=signed_64(message_ids),
        flags=signed_64(flags),
        modseqs=signed_64(modseqs),
        vanished=unsigned_32(vanished),
        keywords=_keywords(bits, names) if folder.highest_modseq > modseq else None,
    )


def _keywords(bits: list[int] | None, names: list[str] | None) -> Keywords:
    return dict(zip(bits or (), names or (), strict=True))
