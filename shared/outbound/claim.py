"""Claiming recipients: one process at a time tries each, for as long as its lease lasts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.outbound.tls_wish import TlsWish

LEASE = timedelta(minutes=2)  # so long do the messages of a process that was killed wait for another
RENEWALS = 4  # of a lease in its time: three may fail before it runs out
MOST_LOOKED_AT = 2_000  # of what is due; behind them all may be for one slow host, which is left out the next time
MOST_OF_DOMAIN = 100

# The rows that are looked at are the longest due; of one domain a few, so that a thousand recipients of one host do not
# keep all others waiting.
_CLAIM = Prepared(
    f"""
    WITH due AS (
        SELECT id, domain, next_attempt_at FROM outbound_recipient
        WHERE NOT held AND next_attempt_at <= now() AND (leased_until IS NULL OR leased_until < now())
              AND domain <> ALL(%(busy)s::text[])
        ORDER BY next_attempt_at LIMIT {MOST_LOOKED_AT}
    ), chosen AS (
        SELECT id FROM (
            SELECT id, next_attempt_at, row_number() OVER (PARTITION BY domain ORDER BY next_attempt_at, id) AS number
            FROM due
        ) AS numbered
        WHERE number <= {MOST_OF_DOMAIN} ORDER BY next_attempt_at LIMIT %(most)s::bigint
    ), claimed AS (
        SELECT id FROM outbound_recipient
        WHERE id IN (SELECT id FROM chosen) AND NOT held AND next_attempt_at <= now()
              AND (leased_until IS NULL OR leased_until < now())
        ORDER BY id FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE outbound_recipient AS recipient
        SET leased_by = %(process)s::uuid, leased_until = now() + %(lease)s::interval
        FROM claimed WHERE recipient.id = claimed.id
        RETURNING recipient.*
    )
    SELECT leased.id, leased.address, leased.domain, leased.notify, leased.original, leased.attempts, leased.warned,
           leased.own_sender, leased.fields, outbound.id, outbound.queue_id, outbound.message_id, account.name,
           outbound.sender, outbound.size_octets, outbound.eight_bit, outbound.utf8, outbound.envelope_id,
           outbound.returns_all, outbound.queued_at, outbound.tls
    FROM leased JOIN outbound ON outbound.id = leased.outbound_id
    LEFT JOIN account ON account.id = outbound.account_id
    ORDER BY outbound.id, leased.id
"""
)


class QueuedMessage(NamedTuple):
    """A message in the queue, with its envelope."""

    id: int
    queue_id: str
    message_id: int
    account: str  # "" where this server sent it
    sender: str  # "" is the null sender
    size_octets: int
    eight_bit: bool
    utf8: bool
    envelope_id: str
    returns_all: bool
    queued_at: datetime
    tls: TlsWish = TlsWish.USUAL


class QueuedRecipient(NamedTuple):
    """A recipient that does not have its message yet."""

    id: int
    address: str
    domain: str
    notify: str
    original: str
    attempts: int  # that were made before
    warned: bool
    message: QueuedMessage
    own_sender: str | None = None  # of its envelope; None: the message's
    fields: str = ""  # that only its copy has on top

    @property
    def sender(self) -> str:
        """Of its envelope; "" is the null sender."""
        return self.message.sender if self.own_sender is None else self.own_sender

    @property
    def copy(self) -> tuple[int, str, str]:
        """The same for recipients that one transaction is for."""
        return self.message.id, self.sender, self.fields


def claim_due(
    tx: Transaction, process: UUID, most: int, busy: Collection[str] = (), lease: timedelta = LEASE
) -> Sequence[QueuedRecipient]:
    """Up to `most` recipients that are due and that no process tries at the moment; none in the domains `busy`.

    They are MOST_LOOKED_AT at the most.
    """
    wanted = {"busy": list(busy), "most": most, "process": str(process), "lease": lease}
    claimed: list[QueuedRecipient] = []
    message: QueuedMessage | None = None
    for row in tx.rows(_CLAIM, wanted):
        number, queue_id, message_id, account, *rest, wish = row[9:]
        if message is None or message.id != number:  # the recipients of a message share it
            message = QueuedMessage._make([number, queue_id, message_id, account or "", *rest, TlsWish(wish)])
        claimed.append(QueuedRecipient._make([*row[:7], message, *row[7:9]]))
    return claimed


def renew_leases(tx: Transaction, process: UUID, recipients: Collection[int], lease: timedelta = LEASE) -> None:
    """Renew the leases of what this process has in hand."""
    tx.execute(
        "UPDATE outbound_recipient SET leased_until = now() + %s WHERE leased_by = %s AND id = ANY(%s::bigint[])",
        (lease, str(process), list(recipients)),
    )


def give_back(tx: Transaction, process: UUID, recipients: Collection[int]) -> None:
    """End the leases of recipients that were not tried: the process closes, and another may take them at once."""
    tx.execute(
        "UPDATE outbound_recipient SET leased_by = NULL, leased_until = NULL"
        " WHERE leased_by = %s AND id = ANY(%s::bigint[])",
        (str(process), list(recipients)),
    )
