"""The positions in a folder's change log at which its entries last changed."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.packed import signed_64, unsigned_32

_MODSEQS = """
    SELECT string_agg(int4send(uid), ''), string_agg(int8send(modseq), '')
    FROM entry WHERE folder_id = %s AND uid BETWEEN %s AND %s
"""


def modseqs_of(tx: Transaction, folder_id: int, first_uid: int, last_uid: int) -> dict[int, int]:
    """Modseqs by UID, of the entries from `first_uid` to `last_uid` that are there."""
    row = tx.row(_MODSEQS, (folder_id, first_uid, last_uid))
    assert row is not None  # aggregates without GROUP BY give one row
    return dict(zip(unsigned_32(row[0]), signed_64(row[1]), strict=True))
