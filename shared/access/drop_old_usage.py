"""Forgetting what was used long ago."""

from __future__ import annotations

from datetime import date, timedelta

from shared.database.transaction import Transaction

KEPT = timedelta(days=400)  # this month beside the same of last year


def drop_old_usage(tx: Transaction, today: date, kept: timedelta = KEPT) -> int:
    """Keep the usage of the last `kept`; returns how many rows went. For once a day, by any copy or several."""
    oldest = today - kept
    tx.execute("DELETE FROM usage_of_account WHERE day < %s", (oldest,))
    # A copy that has been silent for so long is gone: it writes every few seconds while it has anything to tell, and
    # what it could not write for two days may be counted twice.
    tx.execute("DELETE FROM usage_batch WHERE written_at < now() - interval '2 days'")
    return tx.execute("DELETE FROM usage WHERE day < %s", (oldest,))
