"""Reports, as the command line and the report page ask for them."""

from __future__ import annotations

from datetime import date

import pytest

from shared.access.usage.report_usage import NOT_SIGNED_IN, UsageBy
from shared.accounts.errors import AccountNotFound
from shared.administration import reports
from shared.database.transaction import Transaction
from shared.testing.builders import an_account

TODAY = date(2026, 3, 2)


def test_a_report_is_of_one_account_of_those_not_signed_in_or_of_all(transaction: Transaction) -> None:
    alice = an_account(transaction, "alice").id
    transaction.execute(
        "INSERT INTO usage_of_account VALUES (%s, %s, 2, 10, 20), (%s, 0, 1, 1, 1)", (TODAY, alice, TODAY)
    )
    days = reports.last_days(30, TODAY)
    names = [
        [line.name for line in reports.usage(transaction, UsageBy.ACCOUNT, days, account)]
        for account in ("alice", NOT_SIGNED_IN, None)
    ]
    assert names == [["alice"], [NOT_SIGNED_IN], ["alice", NOT_SIGNED_IN]]
    with pytest.raises(AccountNotFound):
        reports.words(transaction, days, "bob")


def test_the_last_days_have_today_with_them() -> None:
    assert reports.last_days(1, TODAY) == (TODAY, TODAY)
    assert reports.last_days(3, TODAY) == (date(2026, 2, 28), TODAY)
