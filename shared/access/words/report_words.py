"""The report of words: those that occurred most in the web pages that passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from shared.database.transaction import Transaction

WORD_COLUMNS = ("word", "times", "pages")


class WordLine(NamedTuple):
    """A word: how often it occurred, and in how many pages."""

    word: str
    times: int
    pages: int


def report_words(
    tx: Transaction, since: date, until: date, account_id: int | None = None, top: int | None = None
) -> Sequence[WordLine]:
    """From `since` to `until`, both included (UTC); of one account (0: those not signed in), or all.

    The most frequent first, the first `top` or all; of words that are equally frequent, the one that is in more pages.
    """
    rows = tx.rows(
        """
        SELECT word, sum(times)::bigint AS all_times, sum(documents)::bigint AS pages
        FROM word
        WHERE day BETWEEN %(since)s AND %(until)s
            AND (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s)
        GROUP BY word
        ORDER BY all_times DESC, pages DESC, word
        LIMIT %(top)s
        """,
        {"since": since, "until": until, "account_id": account_id, "top": top},
    )
    return [WordLine(*row) for row in rows]
