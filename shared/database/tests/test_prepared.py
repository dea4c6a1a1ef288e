"""Statements planned once per connection."""

from __future__ import annotations

import psycopg2
import pytest

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction

SUM = Prepared("SELECT %s::integer + %s::integer")
NAMED = Prepared("SELECT %(a)s::integer - %(b)s::integer + %(a)s, 'a %% sign'")
PLAIN = Prepared("SELECT count(*) FROM account")
BROKEN = Prepared("SELECT 1 / %s::integer")


def _prepared(tx: Transaction) -> int:
    count: int = tx.value("SELECT count(*) FROM pg_prepared_statements")
    return count


def test_parameters_by_place_and_by_name(transaction: Transaction) -> None:
    assert transaction.value(SUM, (1, 2)) == 3
    assert transaction.row(NAMED, {"a": 5, "b": 3}) == (7, "a % sign")
    assert transaction.rows(PLAIN) == [(0,)]


def test_it_is_prepared_once(transaction: Transaction) -> None:
    for number in range(8):
        assert transaction.value(SUM, (number, 1)) == number + 1
    assert _prepared(transaction) == 1


def test_it_is_still_there_after_a_failure(transaction: Transaction) -> None:
    with pytest.raises(psycopg2.errors.DivisionByZero):
        transaction.value(BROKEN, (0,))
    transaction.rollback()
    assert transaction.value(BROKEN, (1,)) == 1
    assert _prepared(transaction) == 1


def test_values_are_bound_and_not_pasted(transaction: Transaction) -> None:
    statement = Prepared("SELECT %s::text")
    assert transaction.value(statement, ("'); DROP TABLE account; --",)) == "'); DROP TABLE account; --"


def test_several_travel_together(transaction: Transaction) -> None:
    insert = Prepared("INSERT INTO domain VALUES (%s)")
    transaction.execute_together(
        [(insert, ("a 100%s sure",)), (insert, ("b",)), ("DELETE FROM domain WHERE name = %s", ("b",))]
    )
    assert transaction.rows("SELECT name FROM domain") == [("a 100%s sure",)]
