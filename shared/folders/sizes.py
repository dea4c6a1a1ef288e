"""How large the messages of a folder are."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal, unsigned_32

_SIZES = """
    SELECT string_agg(int4send(coalesce(size_octets, 0)), '' ORDER BY number)
    FROM unnest(%s::integer[]) WITH ORDINALITY AS wanted (uid, number)
    LEFT JOIN entry ON folder_id = %s AND entry.uid = wanted.uid
"""


def load_sizes(tx: Transaction, folder_id: int, uids: Iterable[int]) -> array[int]:
    """Octets of each of `uids`, in their order; 0 for one that is not there.

    A whole folder's come with open_folder(…, sizes=True) in one statement.
    """
    return unsigned_32(tx.value(_SIZES, (array_literal(uids), folder_id)))
