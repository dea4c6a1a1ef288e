"""Renderings are read back as written, and a row that cannot be right keeps no other from being read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.database.transaction import Transaction
from shared.folders.open_folder import open_folder
from shared.folders.rendered import load_rendered
from shared.folders.tests.build import RECEIVED_AT, an_inbox, put


@pytest.mark.parametrize(
    ("column", "value", "received_at"),
    [
        ("received_at", "0001-01-01 00:00:00+01", datetime(1, 1, 1, tzinfo=UTC)),  # the year before the first
        ("received_at", "4713-01-01 00:00:00+00 BC", datetime(1, 1, 1, tzinfo=UTC)),
        ("received_at", "-infinity", datetime(1, 1, 1, tzinfo=UTC)),
        ("received_at", "294276-12-31 00:00:00+00", datetime.max.replace(tzinfo=UTC)),
        ("received_at", "infinity", datetime.max.replace(tzinfo=UTC)),
        ("received_zone", "1440", RECEIVED_AT),
        ("received_zone", "-32768", RECEIVED_AT),
        ("sent_at", "4713-01-01 00:00:00 BC", RECEIVED_AT),
        ("sent_at", "infinity", RECEIVED_AT),
    ],
)
def test_a_time_that_cannot_be_told_closes_no_folder(
    transaction: Transaction, column: str, value: str, received_at: datetime
) -> None:
    inbox = an_inbox(transaction)
    put(transaction, inbox, 3)
    message_ids = list(open_folder(transaction, inbox).message_ids)
    transaction.execute(f"UPDATE message SET {column} = %s WHERE id = %s", (value, message_ids[1]))
    stored = load_rendered(transaction, message_ids)
    assert [stored[number].received_at for number in message_ids] == [RECEIVED_AT, received_at, RECEIVED_AT]
    assert stored[message_ids[1]].envelope == stored[message_ids[0]].envelope
