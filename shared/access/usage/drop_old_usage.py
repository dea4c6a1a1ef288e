"""Deleting usage that is too old."""

from __future__ import annotations

from datetime import date, timedelta

from shared.access.numbered_batches import forget_silent_copies
from shared.database.transaction import Transaction

KEPT = timedelta(days=400)  # this month beside the same of last year


def drop_old_usage(tx: Transaction, today: date, kept: timedelta = KEPT) -> int:
    """Keep the usage of the last `kept`; returns how many rows went. For once a day, by any copy or several."""
    oldest = today - kept
    tx.execute("DELETE FROM usage_of_account WHERE day < %s", (oldest,))
    forget_silent_copies(tx, "usage_batch")
    return tx.execute("DELETE FROM usage WHERE day < %s", (oldest,))
