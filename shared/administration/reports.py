"""Reports of the proxy: how much each account used it, and the words of the web pages that passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from shared.access.usage.report_usage import NOT_SIGNED_IN, UsageBy, UsageLine, report_usage
from shared.access.usage.usage import NOBODY
from shared.access.words.report_pages import report_pages
from shared.access.words.report_words import WordLine, report_words
from shared.accounts.find_account import find_account
from shared.clock import utc_day
from shared.database.transaction import Transaction


class Days(NamedTuple):
    """From one day to another, both included (UTC)."""

    since: date
    until: date


class WordReport(NamedTuple):
    """The most frequent words; and pages by what became of them, in the names of shared/access."""

    words: Sequence[WordLine]
    pages: Mapping[str, int]


def last_days(days: int, today: date | None = None) -> Days:
    """The last `days`, today included."""
    until = today or utc_day()
    return Days(until - timedelta(days=days - 1), until)


def usage(
    tx: Transaction, by: UsageBy, span: Days, account: str | None = None, top: int | None = None
) -> Sequence[UsageLine]:
    """Of one account, or all; the foremost `top` lines, or all. Raises AccountNotFound."""
    return report_usage(tx, by, *span, _id_of(tx, account), top)


def words(tx: Transaction, span: Days, account: str | None = None, top: int | None = None) -> WordReport:
    """Of one account, or all; the most frequent `top` words, or all. Raises AccountNotFound."""
    account_id = _id_of(tx, account)
    return WordReport(report_words(tx, *span, account_id, top), report_pages(tx, *span, account_id))


def _id_of(tx: Transaction, account: str | None) -> int | None:
    """The account's number; the name that reports have for requests without an account is accepted, too."""
    if account is None:
        return None
    return NOBODY if account == NOT_SIGNED_IN else find_account(tx, account).id
