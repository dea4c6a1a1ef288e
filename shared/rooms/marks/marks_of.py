"""Reading the marks of an account in a room."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.rooms.marks.mark import COLUMNS, Marks, packed

PACKED_MARKS = ", ".join(packed(f"mark.{name}") for name, _ in COLUMNS)  # SQL: a Marks of a row of `mark`
_READ = f"SELECT {PACKED_MARKS} FROM mark WHERE account_id = %s AND folder_id = %s"


def marks_of(tx: Transaction, account_id: int, folder_id: int) -> Marks:
    """The account's marks in the room; none where there is no such account or room."""
    return Marks.read(tx.row(_READ, (account_id, folder_id)) or [None] * len(COLUMNS))
