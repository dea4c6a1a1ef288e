"""The numbers of batches: each copy of the proxy numbers what it writes, so that a batch sent again is counted once."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from shared.database.transaction import Transaction

Table = Literal["usage_batch", "word_batch"]


def is_first_time(tx: Transaction, table: Table, copy: UUID, number: int) -> bool:
    """Whether this batch is not in the store yet, and note that it is from now on. A copy's numbers only rise."""
    written = tx.execute(
        f"INSERT INTO {table} AS before (copy, number, written_at) VALUES (%s, %s, now()) ON CONFLICT (copy) DO UPDATE"
        " SET number = excluded.number, written_at = excluded.written_at WHERE before.number < excluded.number",
        (str(copy), number),
    )
    return written > 0


def forget_silent_copies(tx: Transaction, table: Table) -> None:
    """Forget copies that wrote nothing for two days: they have ended.

    If a copy could not write for so long, its last batch may be counted twice.
    """
    tx.execute(f"DELETE FROM {table} WHERE written_at < now() - interval '2 days'")
