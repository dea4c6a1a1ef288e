"""Forgetting old traces: what was sent of posts, attempts to send to other servers, keys of messages."""

from __future__ import annotations

from datetime import timedelta

from shared.database.database import Database
from shared.database.transaction import Transaction

STEP = 5_000  # rows in one transaction: well under a second
TABLES = ("event_trace", "event_trace_attempt", "event_trace_key")


async def drop_old_traces(database: Database, kept: timedelta) -> None:
    """Delete what is older than `kept`, in small steps. Raises StoreUnavailable, StatementTimedOut."""
    for table in TABLES:
        while await database.transact(drop_some_traces, table, kept) == STEP:
            pass


def drop_some_traces(tx: Transaction, table: str, kept: timedelta, step: int = STEP) -> int:
    """Delete the oldest rows of one of TABLES that are older than `kept`; how many they were."""
    return tx.execute(
        f"""
        DELETE FROM {table} WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM {table} WHERE happened_at < now() - %s ORDER BY happened_at LIMIT %s
        ))
        """,
        (kept, step),
    )
