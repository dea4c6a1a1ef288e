"""The log of an account's marks in a room: which numbers changed at which position.

Its newest rows say it exactly. Older ones are merged into one, which says that all of their numbers changed when the
last of them did: who asks from long ago is told of some articles that have not changed, and misses none.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.packed import signed_64
from shared.rooms.marks.position import joined, position

# Exact rows of an account and room: between 8 and 16. A row has about 120 octets with its index: a thousand readers
# have 2 MB of them. What they are needed for is seconds old, or at most from the last time that a program was open.
EXACT_ROWS = 8
_AT_ONCE = 16 * 1024  # numbers looked at in C, in a fraction of a millisecond in which no other thread runs

_MERGE = Prepared(
    """
    WITH gone AS (
        DELETE FROM mark_change
        WHERE account_id = %(account_id)s::bigint AND folder_id = %(folder_id)s::bigint AND modseq < %(last)s::integer
        RETURNING uids
    )
    UPDATE mark_change SET uids = uids + coalesce((SELECT range_agg(uids) FROM gone), '{}')
    WHERE account_id = %(account_id)s::bigint AND folder_id = %(folder_id)s::bigint AND modseq = %(last)s::integer
"""
)


def merge_old_changes(tx: Transaction, account_id: int, folder_id: int, modseq: int) -> None:
    """Merge what is old when the log has reached `modseq`, every now and then. The mark's row must be locked."""
    if modseq % EXACT_ROWS == 0 and modseq > EXACT_ROWS:
        last = modseq - EXACT_ROWS  # there is a row for every number
        tx.execute_with_next(_MERGE, {"account_id": account_id, "folder_id": folder_id, "last": last})


# SQL for the log of the account %(account_id)s in the room %(folder_id)s as one bytea, which `MarkLog` reads.
PACKED_LOG = """
    SELECT string_agg(
        int8send(lower(span)) || int8send(upper(span))
            || int8send(mark_change.folder_modseq << 32 | mark_change.modseq),
        '' ORDER BY mark_change.modseq
    ) AS spans
    FROM mark_change CROSS JOIN unnest(uids) AS span
    WHERE account_id = %(account_id)s::bigint AND folder_id = %(folder_id)s::bigint
"""


class MarkLog:
    """At which position each number was last marked."""

    __slots__ = ("_edges", "_positions")

    def __init__(self, packed: bytes | None) -> None:
        """From PACKED_LOG: where a range begins, where it ends (not in it), its position; oldest first."""
        rows = signed_64(packed)
        self._edges = sorted({*rows[0::3], *rows[1::3]})
        self._positions = [0] * len(self._edges)  # between this edge and the next
        for at in range(0, len(rows), 3):
            first, last = bisect_left(self._edges, rows[at]), bisect_left(self._edges, rows[at + 1])
            self._positions[first:last] = [rows[at + 2]] * (last - first)

    def positions_of(self, uids: array[int], modseqs: array[int]) -> array[int]:
        """Where each entry last changed for this account; `modseqs` are those of the entries in the folder's log."""
        found = array("q", [position(modseq, 0) for modseq in modseqs])
        for at in range(len(self._edges) - 1):
            marked = self._positions[at]
            if not marked:
                continue
            first = bisect_left(uids, self._edges[at])
            last = bisect_left(uids, self._edges[at + 1], first)
            for start in range(first, last, _AT_ONCE):
                some = found[start : min(start + _AT_ONCE, last)]
                if max(some) <= marked:  # none was put back after it was cancelled
                    joint = array("q", [marked]) * len(some)
                else:
                    joint = array("q", [joined(each, marked) for each in some])
                found[start : start + len(some)] = joint
        return found
