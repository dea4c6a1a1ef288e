"""Writing what one copy of the proxy has counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.access.numbered_batches import is_first_time
from shared.database.transaction import Transaction

# Day, account, host, status.
UsageKey = tuple[date, int, str, int]
# Requests, octets from the client, octets to the client: counted up in place.
UsageRow = list[int]


@dataclass(frozen=True, slots=True)
class UsageBatch:
    """What is written at once; its number is above those that the same copy wrote before."""

    copy: UUID
    number: int
    rows: Mapping[UsageKey, UsageRow]


def add_usage(tx: Transaction, batch: UsageBatch | None, today: date, accounts: Collection[int]) -> Mapping[int, int]:
    """Count `batch`, once however often it is sent; then the octets that each of `accounts` has used `today`."""
    if batch is not None and is_first_time(tx, "usage_batch", batch.copy, batch.number):
        _add_rows(tx, batch.rows)
        _add_sums(tx, batch.rows)
    if not accounts:
        return {}
    return dict(
        tx.rows(
            "SELECT account_id, octets_in + octets_out FROM usage_of_account WHERE day = %s AND account_id = ANY(%s)",
            (today, list(accounts)),
        )
    )


def _add_rows(tx: Transaction, rows: Mapping[UsageKey, UsageRow]) -> None:
    """In the order of their keys, as every copy does: two that wait for each other's rows would deadlock."""
    ordered = [(*key, *rows[key]) for key in sorted(rows)]
    tx.execute(
        """
        INSERT INTO usage AS row (day, account_id, host, status, requests, octets_in, octets_out)
        SELECT * FROM unnest(
            %s::date[], %s::bigint[], %s::text[], %s::smallint[], %s::bigint[], %s::bigint[], %s::bigint[])
        ON CONFLICT (day, account_id, host, status) DO UPDATE SET
            requests = row.requests + excluded.requests,
            octets_in = row.octets_in + excluded.octets_in,
            octets_out = row.octets_out + excluded.octets_out
        """,
        [list(column) for column in zip(*ordered, strict=True)],
    )


def _add_sums(tx: Transaction, rows: Mapping[UsageKey, UsageRow]) -> None:
    sums: dict[tuple[date, int], UsageRow] = {}
    for (day, account_id, _, _), row in rows.items():
        so_far = sums.setdefault((day, account_id), [0, 0, 0])
        for index, amount in enumerate(row):
            so_far[index] += amount
    ordered = [(*key, *sums[key]) for key in sorted(sums)]
    tx.execute(
        """
        INSERT INTO usage_of_account AS row (day, account_id, requests, octets_in, octets_out)
        SELECT * FROM unnest(%s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
        ON CONFLICT (day, account_id) DO UPDATE SET
            requests = row.requests + excluded.requests,
            octets_in = row.octets_in + excluded.octets_in,
            octets_out = row.octets_out + excluded.octets_out
        """,
        [list(column) for column in zip(*ordered, strict=True)],
    )
