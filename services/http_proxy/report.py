"""A report of the proxy: what it is about, and all its figures, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.access.usage.report_usage import UsageBy, UsageLine
from shared.administration import reports
from shared.administration.reports import Days, WordReport
from shared.database.transaction import Transaction

DEFAULT_DAYS, MOST_DAYS = 7, 400
DEFAULT_TOP, MOST_TOP = 20, 10_000


class WrongQuestion(Exception):
    """A parameter that cannot be used; the text is one sentence for who asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """The last `days`, today included (UTC); one account's by its name, or everybody's; the first `top` lines."""

    days: int = DEFAULT_DAYS
    account: str = ""
    top: int = DEFAULT_TOP

    def span(self, today: date) -> Days:
        """The first and the last day."""
        return reports.last_days(self.days, today)


def question_of(parameters: Mapping[bytes, Sequence[bytes]]) -> Question:
    """The question in a query such as `days=7&account=alice&top=20`. Raises WrongQuestion."""
    account = parameters.get(b"account", [b""])[0].decode("utf-8", "replace").strip()
    return Question(
        days=_number(parameters, "days", DEFAULT_DAYS, MOST_DAYS),
        account=account.replace("\0", "\ufffd"),
        top=_number(parameters, "top", DEFAULT_TOP, MOST_TOP),
    )


def read_usage(tx: Transaction, question: Question, today: date) -> Mapping[UsageBy, Sequence[UsageLine]]:
    """A report for each subject of usage. Raises AccountNotFound."""
    days, account = question.span(today), question.account or None
    return {
        by: reports.usage(tx, by, days, account, top=MOST_DAYS if by is UsageBy.DAY else question.top) for by in UsageBy
    }


def read_words(tx: Transaction, question: Question, today: date) -> WordReport:
    """The most frequent words, and how many pages they are from. Raises AccountNotFound."""
    return reports.words(tx, question.span(today), question.account or None, question.top)


def _number(parameters: Mapping[bytes, Sequence[bytes]], name: str, default: int, most: int) -> int:
    given = parameters.get(name.encode(), [b""])[0].strip()
    if not given:
        return default
    if not (given.isdigit() and len(given) <= 9 and 1 <= int(given) <= most):
        raise WrongQuestion(f"{name} should be a number from 1 to {most}.")
    return int(given)
