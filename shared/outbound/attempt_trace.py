"""The trace of attempts to send: a row for each recipient of each attempt, also of those that are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.outbound.outcome import LONGEST_TEXT, AttemptOutcome

_MOST = 200  # attempts of one message that are shown, the newest
_INSERT = Prepared(
    """
    INSERT INTO event_trace_attempt
        (message_id, queue_id, account_id, sender, queued_at, address, attempt, fate, host, reply)
    SELECT message_id, queue_id, account_id, sender, queued_at, address, attempt, fate, host, reply
    FROM unnest(%s::bigint[], %s::text[], %s::integer[], %s::text[], %s::text[], %s::text[])
         WITH ORDINALITY AS new (outbound_id, address, attempt, fate, host, reply, number)
    JOIN outbound ON outbound.id = outbound_id ORDER BY number
"""
)
_OF_MESSAGE = f"""
    SELECT * FROM (
        SELECT event_trace_attempt.id, happened_at, queue_id, coalesce(account.name, ''), sender, queued_at, address,
               attempt, fate, host, reply
        FROM event_trace_attempt LEFT JOIN account ON account.id = account_id
        WHERE message_id = %(message)s AND (%(account)s::bigint IS NULL OR account_id = %(account)s::bigint)
        ORDER BY event_trace_attempt.id DESC LIMIT {_MOST}
    ) AS newest ORDER BY id
"""


class TracedAttempt(NamedTuple):
    """An attempt to send a message to one recipient, with the message's envelope."""

    id: int
    at: datetime
    queue_id: str
    account: str  # "" where this server sent it
    sender: str  # "" is the null sender
    queued_at: datetime
    address: str
    attempt: int
    fate: str
    host: str
    reply: str

    @property
    def envelope(self) -> tuple[str, str, str, datetime]:
        return self.queue_id, self.account, self.sender, self.queued_at


def note_attempts(tx: Transaction, outcomes: Sequence[AttemptOutcome]) -> None:
    """Note the attempts that this transaction settles, whose messages are in the queue still."""
    if not outcomes:
        return
    rows = [
        (each.recipient.message.id, each.recipient.address, each.recipient.attempts + 1, each.fate.value, each.host,
         each.text[:LONGEST_TEXT])
        for each in outcomes
    ]  # fmt: skip
    tx.execute_with_next(_INSERT, [list(column) for column in zip(*rows, strict=True)])


def attempts_of(tx: Transaction, message_id: int, account_id: int | None = None) -> Sequence[TracedAttempt]:
    """The attempts to send the message, in order; with `account_id`, of what this account has sent."""
    return [TracedAttempt(*row) for row in tx.rows(_OF_MESSAGE, {"message": message_id, "account": account_id})]
