"""Deleting for good: records of what vanished long ago, and messages that nothing refers to any more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.lock import lock_folders

RETENTION = timedelta(days=30)  # how long an expunged message can be brought back
BATCH = 5_000  # well under a second each
_LOCK = "SELECT pg_try_advisory_xact_lock(482652378981)"  # "purge" as a number: one at a time, over all processes

_FOLDERS = """
    SELECT DISTINCT folder_id FROM (
        SELECT folder_id FROM vanished WHERE vanished_at < now() - %s ORDER BY vanished_at LIMIT %s
    ) AS old
"""
# How far the log is incomplete now stands in the folder's row: see ChangesForgotten.
_FORGET = """
    WITH gone AS (
        DELETE FROM vanished WHERE folder_id = ANY(%(folder_ids)s) AND (folder_id, uid) IN (
            SELECT folder_id, uid FROM vanished WHERE vanished_at < now() - %(retention)s
            ORDER BY vanished_at LIMIT %(batch)s
        ) RETURNING folder_id, modseq
    ), marked AS (
        UPDATE folder SET forgotten_modseq = greatest(forgotten_modseq, position)
        FROM (SELECT folder_id, max(modseq) AS position FROM gone GROUP BY folder_id) AS log WHERE id = folder_id
    )
    SELECT count(*) FROM gone
"""
# A message comes together with its first entry, or its row in the queue of mail to other servers, and gets another
# only from a folder that has one and is locked: what nothing refers to in one snapshot, nothing can refer to later.
_DELETE_UNREFERRED = """
    WITH looked_at AS (
        SELECT id FROM message WHERE id > %s ORDER BY id LIMIT %s
    ), unreferred AS (
        SELECT id FROM looked_at
        WHERE NOT EXISTS (SELECT FROM entry WHERE message_id = id)
          AND NOT EXISTS (SELECT FROM vanished WHERE message_id = id)
          AND NOT EXISTS (SELECT FROM outbound WHERE outbound.message_id = looked_at.id)
    ), bodies AS (
        DELETE FROM body WHERE message_id IN (SELECT id FROM unreferred)
    ), messages AS (
        DELETE FROM message WHERE id IN (SELECT id FROM unreferred)
    )
    SELECT (SELECT max(id) FROM looked_at), (SELECT count(*) FROM unreferred)
"""


@dataclass(frozen=True, slots=True)
class Purged:
    """The numbers of records and messages that a purge has deleted."""

    vanished: int
    messages: int


async def purge(database: Database, retention: timedelta = RETENTION) -> Purged:
    """Forget what vanished longer than `retention` ago, then every message that nothing refers to, in small steps.

    While another process purges, this one leaves the work to it. Raises StoreUnavailable, StatementTimedOut.
    """
    vanished = messages = 0
    while step := await database.transact(forget_vanished, retention):
        vanished += step
    after: int | None = 0
    while after is not None:
        after, step = await database.transact(delete_unreferred, after)
        messages += step
    return Purged(vanished, messages)


def forget_vanished(tx: Transaction, retention: timedelta, batch: int = BATCH) -> int:
    """Forget the oldest records of what vanished longer than `retention` ago; returns how many, 0 when none is left."""
    if not tx.value(_LOCK):
        return 0
    folder_ids = [folder_id for (folder_id,) in tx.rows(_FOLDERS, (retention, batch))]
    if not folder_ids:
        return 0
    locked = lock_folders(tx, folder_ids)
    parameters = {"folder_ids": list(locked), "retention": retention, "batch": batch}
    forgotten: int = tx.value(_FORGET, parameters)
    return forgotten


def delete_unreferred(tx: Transaction, after: int, batch: int = BATCH) -> tuple[int | None, int]:
    """Look at the next messages behind the id `after`, and delete those that nothing refers to.

    Returns the id to go on after (None at the end), and how many were deleted.
    """
    if not tx.value(_LOCK):
        return None, 0
    row = tx.row(_DELETE_UNREFERRED, (after, batch))
    assert row is not None  # no FROM: one row
    return row
