"""Writing the keys by which `agora trace` finds messages: behind, some at a time, so that mail waits for no index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.message import NewMessage
from shared.messages.trace_keys import HEAD_OCTETS, TAIL_OCTETS, identifier_key, queue_id_of, queue_key

STEP = 1_000  # messages in one transaction: 2 MB of their beginnings, 0.1 s on a busy machine
SETTLED_AFTER = timedelta(seconds=5)  # a transaction that has numbered a message writes it within milliseconds

_LOCK = "SELECT reached, newest, now() - seen_at FROM event_trace_reach FOR NO KEY UPDATE SKIP LOCKED"
_SEE = """
    UPDATE event_trace_reach SET newest = greatest(newest, seen), seen_at = clock_timestamp()
    FROM (SELECT max(id) AS seen FROM message) AS messages WHERE seen > newest
"""
# A number is taken some time before its message is seen: what was numbered before `seen_at` is all there once the
# transactions of then are over.
_UNDER_WAY = """
    SELECT EXISTS (
        SELECT FROM pg_stat_activity, event_trace_reach
        WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()
              AND xact_start <= seen_at
    )
"""
_COLUMNS = f"""
    SELECT message.id, substring(envelope FROM greatest(1, length(envelope) - {TAIL_OCTETS - 1})),
           substring(octets FROM 1 FOR {HEAD_OCTETS})
    FROM message LEFT JOIN body ON body.message_id = message.id AND chunk = 0
"""
_NEXT = f"{_COLUMNS} WHERE message.id > %s AND message.id <= %s ORDER BY message.id LIMIT %s"
_THESE = f"{_COLUMNS} WHERE message.id = ANY(%s::bigint[])"
_WRITE = Prepared(
    """
    INSERT INTO event_trace_key (message_id, queue_id, identifier)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING
"""
)


class Keyed(NamedTuple):
    """The keys of a message; those that it has not are None."""

    message_id: int
    queue_id: int | None
    identifier: int | None


def key_next_messages(tx: Transaction, step: int = STEP) -> bool:
    """Write the keys of the next messages; whether none is left, or another process is writing them."""
    row = tx.row(_LOCK)
    if row is None:
        return True
    reached, newest, seen_ago = row
    if reached >= newest:
        tx.execute(_SEE)
        return True
    if seen_ago < SETTLED_AFTER or tx.value(_UNDER_WAY):
        return True
    keys = [_keyed(*fields) for fields in tx.rows(_NEXT, (reached, newest, step))]
    _write(tx, keys)
    is_done = len(keys) < step
    tx.execute("UPDATE event_trace_reach SET reached = %s", (newest if is_done else keys[-1].message_id,))
    return is_done


def key_messages(tx: Transaction, message_ids: Sequence[int]) -> None:
    """Write the keys of these now: they may be purged before they would be reached."""
    _write(tx, [_keyed(*fields) for fields in tx.rows(_THESE, (list(message_ids),))])


def key_new_messages(tx: Transaction, messages: Iterable[tuple[int, NewMessage]]) -> None:
    """The same for messages, each behind its number, that this transaction keeps: they need not be read again."""
    _write(
        tx,
        [
            _keyed(number, message.rendered.envelope[-TAIL_OCTETS:], message.octets[:HEAD_OCTETS])
            for number, message in messages
        ],
    )


def keys_reach(tx: Transaction) -> int:
    """The number of the last message that has keys, as all before it have."""
    reached: int = tx.value("SELECT reached FROM event_trace_reach")
    return reached


def _keyed(message_id: int, envelope_tail: bytes, head: bytes | None) -> Keyed:
    queue_id = queue_id_of(head or b"")
    return Keyed(message_id, None if queue_id is None else queue_key(queue_id), identifier_key(envelope_tail))


def _write(tx: Transaction, keys: Sequence[Keyed]) -> None:
    if keys:
        tx.execute_with_next(_WRITE, [list(column) for column in zip(*keys, strict=True)])
