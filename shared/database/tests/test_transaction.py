"""PostgreSQL as an operation sees it through its Transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from struct import pack, unpack

import psycopg2
import pytest

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction, TransactionAborted


@pytest.fixture
def tx(transaction: Transaction) -> Transaction:
    transaction.execute("CREATE TABLE thing (id bigint PRIMARY KEY, octets bytea, at timestamptz)")
    transaction.commit()
    return transaction


def test_execute_counts_rows(tx: Transaction) -> None:
    assert tx.execute("INSERT INTO thing (id) SELECT generate_series(1, 5)") == 5
    assert tx.execute("DELETE FROM thing WHERE id > %s", (3,)) == 2


def test_row_and_value_are_none_when_there_is_no_row(tx: Transaction) -> None:
    assert tx.row("SELECT id FROM thing") is None
    assert tx.value("SELECT id FROM thing") is None
    assert tx.rows("SELECT id FROM thing") == []


def test_percent_stands_for_itself_without_parameters(tx: Transaction) -> None:
    assert tx.value("SELECT 'abc' LIKE 'a%'") is True


def test_parameters_may_be_named(tx: Transaction) -> None:
    assert tx.value("SELECT %(a)s + %(b)s", {"a": 1, "b": 2}) == 3


def test_octets_come_back_as_bytes(tx: Transaction) -> None:
    octets = bytes(range(256))
    tx.execute("INSERT INTO thing VALUES (1, %s)", (octets,))
    assert tx.value("SELECT octets FROM thing") == octets
    assert tx.value("SELECT array_agg(octets) FROM thing") == [octets]
    assert type(tx.value("SELECT octets FROM thing")) is bytes


def test_times_come_back_aware_and_in_utc(tx: Transaction) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    tx.execute("INSERT INTO thing VALUES (1, NULL, %s)", (noon,))
    got = tx.value("SELECT at FROM thing")
    assert got == noon
    assert got.utcoffset() == noon.utcoffset()


def test_arrays_travel_with_the_next_statement_as_they_are(tx: Transaction) -> None:
    insert = Prepared("INSERT INTO thing SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::timestamptz[])")
    tx.execute_arrays_with_next(insert, ["{1,2}", '{NULL,""}', "{2026-03-01T12:00:00Z,NULL}"])
    assert tx.rows("SELECT * FROM thing ORDER BY id") == [
        (1, None, datetime(2026, 3, 1, 12, tzinfo=UTC)),
        (2, b"", None),
    ]


def test_texts_travel_with_the_next_statement_as_they_are(tx: Transaction) -> None:
    insert = Prepared(
        "INSERT INTO thing SELECT %(id)s::bigint + more, convert_to(%(text)s::text, 'UTF8'), NULL"
        " FROM unnest(%(more)s::bigint[]) AS more"
    )
    texts = {b"id": b"7", b"text": "it''s \\ %s %(id)s $1 ü".encode(), b"more": b"{0,1}"}
    tx.execute_texts_with_next(insert, texts)
    octets = "it's \\ %s %(id)s $1 ü".encode()
    assert tx.rows("SELECT id, octets FROM thing ORDER BY id") == [(7, octets), (8, octets)]


def test_many_rows_are_inserted_at_once(tx: Transaction) -> None:
    tx.insert_many("INSERT INTO thing (id, octets) VALUES %s", [(number, b"%d" % number) for number in range(1000)])
    tx.insert_many("INSERT INTO thing (id, octets) VALUES %s", [])
    assert tx.value("SELECT count(*) FROM thing") == 1000


def test_copies_in_and_out_are_exact(tx: Transaction) -> None:
    sizes = [0, 1, 5000, 300_000, 3_000_000]
    tx.copy_in("thing (id, octets)", ((pack(">q", size), bytes([size % 251]) * size) for size in sizes))
    tx.copy_in("thing (id, octets)", [(pack(">q", 7), None)])
    tx.commit()
    rows = tx.copy_out("SELECT id, octets FROM thing WHERE id < %s ORDER BY id", (10_000_000,))
    expected = sorted([(size, bytes([size % 251]) * size) for size in sizes] + [(7, None)], key=lambda row: row[0])
    assert [(unpack(">q", row[0] or b"")[0], row[1]) for row in rows] == expected


def test_copy_out_of_nothing(tx: Transaction) -> None:
    assert tx.copy_out("SELECT id FROM thing") == []


def test_copy_that_its_receiver_breaks_off_raises_what_broke_it(tx: Transaction) -> None:
    def receive(_row: object) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError):
        tx.copy_out_to("SELECT generate_series(1, 10)", (), receive)


def test_commit_without_statements_does_nothing(tx: Transaction) -> None:
    tx.commit()
    tx.rollback()
    assert tx.value("SELECT 1") == 1


def test_rollback_undoes_everything(tx: Transaction) -> None:
    tx.execute("INSERT INTO thing (id) VALUES (1)")
    tx.rollback()
    assert tx.rows("SELECT id FROM thing") == []


def test_commit_after_an_error_that_was_caught_is_not_taken_for_one(tx: Transaction) -> None:
    tx.execute("INSERT INTO thing (id) VALUES (1)")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        tx.execute("INSERT INTO thing (id) VALUES (1)")
    with pytest.raises(TransactionAborted):
        tx.commit()
    assert tx.rows("SELECT id FROM thing") == []
