"""The numbers of web pages that the word report is about, and of those that it is not, by what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.database.transaction import Transaction


def report_pages(tx: Transaction, since: date, until: date, account_id: int | None = None) -> Mapping[str, int]:
    """HTML pages by outcome (`counts.py`), from `since` to `until`, both included (UTC); as report_words()."""
    rows = tx.rows(
        """
        SELECT outcome, sum(pages)::bigint FROM word_page
        WHERE day BETWEEN %(since)s AND %(until)s
            AND (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s)
        GROUP BY outcome
        """,
        {"since": since, "until": until, "account_id": account_id},
    )
    return dict(rows)
