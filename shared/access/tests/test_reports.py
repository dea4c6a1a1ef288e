"""Reports of usage."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shared.access.usage.drop_old_usage import KEPT, drop_old_usage
from shared.access.usage.report_usage import NOT_SIGNED_IN, OTHER, UsageBy, UsageLine, report_usage
from shared.database.transaction import Transaction
from shared.testing.builders import an_account

DAY = date(2026, 3, 1)
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def alice_id(transaction: Transaction) -> int:
    """Her number; she, nobody in particular, and an account that is gone have used something on two days."""
    alice = an_account(transaction, "alice").id
    for day, account_id, host, status, *numbers in (
        (DAY, alice, "example.org", 200, 2, 10, 100),
        (DAY, alice, "example.org", 404, 1, 1, 1),
        (DAY, alice, "", 200, 1, 0, 5),
        (NEXT, alice, "example.net", 200, 1, 0, 1000),
        (NEXT, 0, "example.org", 502, 1, 2, 3),
        (NEXT, 0, "example.org", 0, 1, 0, 0),
        (DAY - timedelta(days=1), alice, "example.com", 200, 9, 9, 9),
    ):
        transaction.execute(
            "INSERT INTO usage VALUES (%s, %s, %s, %s, %s, %s, %s)", (day, account_id, host, status, *numbers)
        )
        transaction.execute(
            "INSERT INTO usage_of_account AS sum VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (day, account_id) DO UPDATE SET requests = sum.requests + excluded.requests,"
            " octets_in = sum.octets_in + excluded.octets_in, octets_out = sum.octets_out + excluded.octets_out",
            (day, account_id, *numbers),
        )
    return alice


def test_accounts_and_hosts_that_used_most_come_first(transaction: Transaction, alice_id: int) -> None:
    assert report_usage(transaction, UsageBy.ACCOUNT, DAY, NEXT) == [
        UsageLine("alice", 5, 11, 1106),
        UsageLine(NOT_SIGNED_IN, 2, 2, 3),
    ]
    assert report_usage(transaction, UsageBy.HOST, DAY, NEXT) == [
        UsageLine("example.net", 1, 0, 1000),
        UsageLine("example.org", 5, 13, 104),
        UsageLine(OTHER, 1, 0, 5),
    ]
    assert report_usage(transaction, UsageBy.HOST, DAY, NEXT, top=1) == [UsageLine("example.net", 1, 0, 1000)]


def test_statuses_and_days_are_in_order(transaction: Transaction, alice_id: int) -> None:
    assert report_usage(transaction, UsageBy.STATUS, DAY, NEXT) == [
        UsageLine(OTHER, 1, 0, 0),
        UsageLine("200", 4, 10, 1105),
        UsageLine("404", 1, 1, 1),
        UsageLine("502", 1, 2, 3),
    ]
    assert report_usage(transaction, UsageBy.DAY, DAY, NEXT) == [
        UsageLine("2026-03-01", 4, 11, 106),
        UsageLine("2026-03-02", 3, 2, 1003),
    ]


def test_few_lines_are_the_statuses_with_most_requests_and_the_latest_days(
    transaction: Transaction, alice_id: int
) -> None:
    transaction.execute("INSERT INTO usage VALUES (%s, 0, 'example.org', 503, 3, 0, 0)", (NEXT,))
    statuses = report_usage(transaction, UsageBy.STATUS, DAY, NEXT, top=2)
    assert [(line.name, line.requests) for line in statuses] == [("200", 4), ("503", 3)]
    assert [line.name for line in report_usage(transaction, UsageBy.DAY, DAY, NEXT, top=1)] == ["2026-03-02"]


def test_a_report_may_be_about_one_account_and_one_day(transaction: Transaction, alice_id: int) -> None:
    assert report_usage(transaction, UsageBy.STATUS, NEXT, NEXT, alice_id) == [UsageLine("200", 1, 0, 1000)]
    assert report_usage(transaction, UsageBy.ACCOUNT, NEXT, NEXT, alice_id) == [UsageLine("alice", 1, 0, 1000)]
    assert report_usage(transaction, UsageBy.HOST, DAY, DAY, 999) == []


def test_an_account_that_is_not_there_has_a_line_all_the_same(transaction: Transaction, alice_id: int) -> None:
    transaction.execute("UPDATE usage_of_account SET account_id = 999 WHERE account_id = %s", (alice_id,))
    assert [line.name for line in report_usage(transaction, UsageBy.ACCOUNT, DAY, NEXT)] == [OTHER, NOT_SIGNED_IN]


def test_what_is_old_is_forgotten(transaction: Transaction, alice_id: int) -> None:
    transaction.execute("INSERT INTO usage_batch VALUES (gen_random_uuid(), 1, now() - interval '3 days')")
    transaction.execute("INSERT INTO usage_batch VALUES (gen_random_uuid(), 2, now())")
    assert drop_old_usage(transaction, NEXT + KEPT - timedelta(days=1)) == 1
    assert [line.name for line in report_usage(transaction, UsageBy.DAY, date.min, date.max)] == [
        "2026-03-01",
        "2026-03-02",
    ]
    assert drop_old_usage(transaction, NEXT + KEPT) == 3
    assert [line.name for line in report_usage(transaction, UsageBy.DAY, date.min, date.max)] == ["2026-03-02"]
    assert transaction.rows("SELECT number FROM usage_batch") == [(2,)]
