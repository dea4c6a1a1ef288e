"""The positions in a folder's change log at which its entries last changed."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from shared.database.transaction import Transaction
from shared.folders.packed import signed_64, unsigned_32

_MODSEQS = """
    SELECT string_agg(int4send(uid), ''), string_agg(int8send(modseq), '')
    FROM (SELECT uid, modseq FROM entry WHERE folder_id = %s AND uid BETWEEN %s AND %s ORDER BY uid) AS ordered
"""


@dataclass(frozen=True, slots=True)
class Modseqs:
    """Entries' modseqs in the order of their UIDs; 12 octets each."""

    uids: array[int]  # 'I'
    modseqs: array[int]  # 'q'

    @property
    def greatest(self) -> int:
        """0 if there are none."""
        return max(self.modseqs, default=0)

    def of(self, uids: Sequence[int], absent: int) -> Sequence[int]:
        """One for each of some ascending UIDs; `absent` for those that are not there."""
        if not uids:
            return ()
        first, last = bisect_left(self.uids, uids[0]), bisect_right(self.uids, uids[-1])
        if last - first == len(uids) and self.uids[first:last] == array("I", uids):
            return self.modseqs[first:last]
        if last - first <= 4 * len(uids):
            known = dict(zip(self.uids[first:last], self.modseqs[first:last], strict=True))
            return [known.get(uid, absent) for uid in uids]
        return [self._of_one(uid, absent) for uid in uids]

    def _of_one(self, uid: int, absent: int) -> int:
        at = bisect_left(self.uids, uid)
        return self.modseqs[at] if at < len(self.uids) and self.uids[at] == uid else absent


def modseqs_of(tx: Transaction, folder_id: int, first_uid: int, last_uid: int) -> Modseqs:
    """Those of the entries from `first_uid` to `last_uid` that are there."""
    row = tx.row(_MODSEQS, (folder_id, first_uid, last_uid))
    assert row is not None  # aggregates without GROUP BY give one row
    return Modseqs(unsigned_32(row[0]), signed_64(row[1]))
