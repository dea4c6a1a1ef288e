"""What a report of the proxy is about, and everything it tells, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.access.usage.report_usage import NOT_SIGNED_IN, UsageBy, UsageLine, report_usage
from shared.access.usage.usage import NOBODY
from shared.access.words.report_pages import report_pages
from shared.access.words.report_words import WordLine, report_words
from shared.accounts.find_account import find_account
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

    def dates(self, today: date) -> tuple[date, date]:
        """The first and the last day."""
        return today - timedelta(days=self.days - 1), today


def question_of(parameters: Mapping[bytes, Sequence[bytes]]) -> Question:
    """The question in a query such as `days=7&account=alice&top=20`. Raises WrongQuestion."""
    account = parameters.get(b"account", [b""])[0].decode("utf-8", "replace").strip()
    return Question(
        days=_number(parameters, "days", DEFAULT_DAYS, MOST_DAYS),
        account=account.replace("\0", "\ufffd"),
        top=_number(parameters, "top", DEFAULT_TOP, MOST_TOP),
    )


def read_usage(tx: Transaction, question: Question, today: date) -> Mapping[UsageBy, Sequence[UsageLine]]:
    """A report for each thing that usage is told by. Raises AccountNotFound."""
    account_id = _account_id(tx, question.account)
    since, until = question.dates(today)
    return {
        by: report_usage(tx, by, since, until, account_id, top=MOST_DAYS if by is UsageBy.DAY else question.top)
        for by in UsageBy
    }


def read_words(tx: Transaction, question: Question, today: date) -> Sequence[WordLine]:
    """The most frequent words. Raises AccountNotFound."""
    since, until = question.dates(today)
    return report_words(tx, since, until, _account_id(tx, question.account), question.top)


def read_pages(tx: Transaction, question: Question, today: date) -> Mapping[str, int]:
    """How many pages the words are from, and how many not. Raises AccountNotFound."""
    since, until = question.dates(today)
    return report_pages(tx, since, until, _account_id(tx, question.account))


def _account_id(tx: Transaction, name: str) -> int | None:
    if not name:
        return None
    return NOBODY if name == NOT_SIGNED_IN else find_account(tx, name).id


def _number(parameters: Mapping[bytes, Sequence[bytes]], name: str, default: int, most: int) -> int:
    given = parameters.get(name.encode(), [b""])[0].strip()
    if not given:
        return default
    if not (given.isdigit() and len(given) <= 9 and 1 <= int(given) <= most):
        raise WrongQuestion(f"{name} should be a number from 1 to {most}.")
    return int(given)
