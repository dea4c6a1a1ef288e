"""Deleting words that are too old."""

from __future__ import annotations

from datetime import date, timedelta

from shared.access.numbered_batches import forget_silent_copies
from shared.database.transaction import Transaction

KEPT = timedelta(days=90)  # what people read is told no longer than a season's trends need
_DROPPED_AT_ONCE = 500_000  # rows of one transaction; a few seconds, well below the time limit of a statement


def drop_old_words(tx: Transaction, today: date, kept: timedelta = KEPT) -> int:
    """Keep the words of the last `kept`; returns how many rows went, and when it is not 0 there may be more to go.

    For once a day, by any copy or several.
    """
    forget_silent_copies(tx, "word_batch")
    tx.execute("DELETE FROM word_page WHERE day < %s", (today - kept,))  # a few for each account and day
    return tx.execute(
        "DELETE FROM word WHERE ctid = ANY (ARRAY(SELECT ctid FROM word WHERE day < %s LIMIT %s))",
        (today - kept, _DROPPED_AT_ONCE),
    )
