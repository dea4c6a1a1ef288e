"""Finding messages by the id of `250 … taken as ID`, or by Message-ID.

Those that have keys are found by them, and the newest, which have none yet (shared/folders/key_messages.py), by looking
through them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from shared.accounts.account import Account
from shared.administration.errors import NotAMessageId
from shared.database.transaction import Transaction
from shared.folders.key_messages import keys_reach
from shared.messages.trace_keys import HEAD_OCTETS, envelope_end, identifier_key, queue_id_of, queue_key

MOST_LOOKED_AT = 1_000_000  # messages without keys, the newest
AT_ONCE = 10_000  # of one statement
MOST_FOUND = 20
_QUEUE_ID = re.compile("[0-9a-f]{1,16}")
_MOST_OCTETS = 998  # RFC 5322 §2.1.1
_OWN = """
    (%(own)s::bigint IS NULL OR EXISTS (
        SELECT FROM entry JOIN folder ON folder.id = entry.folder_id
        WHERE entry.message_id = found.id AND folder.account_id = %(own)s::bigint
    ) OR EXISTS (
        SELECT FROM outbound WHERE outbound.message_id = found.id AND outbound.account_id = %(own)s::bigint
    ) OR EXISTS (
        SELECT FROM event_trace_attempt WHERE event_trace_attempt.message_id = found.id
                                              AND event_trace_attempt.account_id = %(own)s::bigint
    ))
"""
_BY_IDENTIFIER = f"""
    SELECT id FROM message AS found
    WHERE id <= %(upper)s AND id > %(lower)s
          AND substring(envelope FROM length(envelope) - %(length)s + 1) = %(end)s::bytea AND {_OWN}
    ORDER BY id DESC LIMIT {MOST_FOUND}
"""
_BY_QUEUE_ID = f"""
    SELECT id, head FROM (
        SELECT message_id AS id, substring(octets FROM 1 FOR {HEAD_OCTETS}) AS head FROM body
        WHERE message_id <= %(upper)s AND message_id > %(lower)s AND chunk = 0
    ) AS found
    WHERE position(%(field)s::bytea IN head) > 0 AND {_OWN} ORDER BY id DESC LIMIT {MOST_FOUND}
"""
# A message that was purged has its hash alone left, which is as good.
_BY_IDENTIFIER_KEY = f"""
    SELECT found.id FROM (SELECT message_id AS id FROM event_trace_key WHERE identifier = %(key)s) AS found
    LEFT JOIN message USING (id)
    WHERE coalesce(substring(envelope FROM length(envelope) - %(length)s + 1) = %(end)s::bytea, true) AND {_OWN}
    ORDER BY id DESC LIMIT {MOST_FOUND}
"""
_BY_QUEUE_ID_KEY = f"""
    SELECT id FROM (
        SELECT message_id AS id FROM event_trace_key WHERE queue_id = %(key)s
        UNION SELECT message_id FROM outbound WHERE queue_id = %(queue_id)s
        UNION SELECT message_id FROM event_trace_attempt WHERE queue_id = %(queue_id)s
    ) AS found
    WHERE {_OWN} ORDER BY id DESC LIMIT {MOST_FOUND}
"""


class Traced(NamedTuple):
    """Messages that were found, the newest first; `below`: where to look next, None at the end."""

    message_ids: Sequence[int]
    below: int | None


def newest_message(tx: Transaction) -> int:
    """The number of the newest message."""
    newest: int = tx.value("SELECT coalesce(max(id), 0) FROM message")
    return newest


def find_traced(tx: Transaction, wanted: str, own: Account | None, upper: int) -> Traced:
    """Look through the messages without keys from number `upper` down, some at a time, and through all keys.

    Of `own`, only what is in its folders, and what it has sent. Raises NotAMessageId.
    """
    reached = keys_reach(tx)
    lower = max(reached, upper - AT_ONCE)
    among = {"upper": upper, "lower": lower, "own": None if own is None else own.id}
    find = _by_queue_id if _QUEUE_ID.fullmatch(wanted) else _by_identifier
    found = sorted(find(tx, wanted, among), reverse=True)
    return Traced(found[:MOST_FOUND], lower if lower > reached else None)


def _by_queue_id(tx: Transaction, wanted: str, among: dict[str, int | None]) -> set[int]:
    values = {**among, "key": queue_key(wanted), "queue_id": wanted, "field": f" id {wanted}".encode()}
    found = {number for (number,) in tx.rows(_BY_QUEUE_ID_KEY, values)}
    return found | {number for number, head in tx.rows(_BY_QUEUE_ID, values) if queue_id_of(head) == wanted}


def _by_identifier(tx: Transaction, wanted: str, among: dict[str, int | None]) -> set[int]:
    bare = wanted.strip().removeprefix("<").removesuffix(">")
    if not bare or "@" not in bare or len(bare.encode()) > _MOST_OCTETS or not bare.isprintable():
        raise NotAMessageId(wanted)
    end = envelope_end(bare)
    values = {**among, "key": identifier_key(end), "end": end, "length": len(end)}
    return {number for statement in (_BY_IDENTIFIER_KEY, _BY_IDENTIFIER) for (number,) in tx.rows(statement, values)}
