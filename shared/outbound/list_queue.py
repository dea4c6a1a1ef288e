"""The queue as an administrator looks at it: its messages, their recipients, and how it stands in all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.outbound.errors import NotQueued

MOST_LINES = 1000  # messages that are listed
MOST_DOMAINS = 5  # that are listed of a message

_LINES = """
    SELECT outbound.queue_id, coalesce(account.name, ''), outbound.sender, outbound.size_octets, outbound.queued_at,
           count(*), (array_agg(DISTINCT recipient.domain))[1:%(domains)s], bool_or(recipient.held),
           bool_or(recipient.leased_until > now()), max(recipient.attempts),
           min(recipient.next_attempt_at) FILTER (WHERE NOT recipient.held), max(recipient.last_reply)
    FROM outbound JOIN outbound_recipient AS recipient ON recipient.outbound_id = outbound.id
    LEFT JOIN account ON account.id = outbound.account_id
    WHERE (%(account)s::text IS NULL OR account.name = %(account)s)
      AND (%(domain)s::text IS NULL OR recipient.domain = %(domain)s)
      AND (%(queue_id)s::text IS NULL OR outbound.queue_id = %(queue_id)s)
    GROUP BY outbound.id, account.name ORDER BY outbound.queued_at, outbound.id LIMIT %(most)s
"""
_RECIPIENTS = """
    SELECT address, attempts, held, coalesce(leased_until > now(), false), next_attempt_at, last_attempt_at, last_host,
           last_reply
    FROM outbound_recipient JOIN outbound ON outbound.id = outbound_id WHERE queue_id = %s
    ORDER BY outbound_recipient.id
"""
_STATE = """
    SELECT count(DISTINCT outbound_id), count(*), count(*) FILTER (WHERE held),
           count(*) FILTER (WHERE attempts > 0 AND NOT held), (SELECT min(queued_at) FROM outbound), now()
    FROM outbound_recipient
"""
_HELD_ACCOUNTS = """
    SELECT account.name FROM outbound_account JOIN account ON account.id = account_id
    WHERE held_since IS NOT NULL ORDER BY account.name
"""


class QueueLine(NamedTuple):
    """A message in the queue."""

    id: str
    account: str  # "" where this server sent it
    sender: str  # "" is the null sender
    octets: int
    queued_at: datetime
    recipients: int
    domains: Sequence[str]  # MOST_DOMAINS at most
    held: bool  # some recipient is
    sending: bool  # some recipient is being tried
    attempts: int
    next_attempt_at: datetime | None  # None: all are held
    last_reply: str


class QueueRecipient(NamedTuple):
    """A recipient that does not have its message yet."""

    address: str
    attempts: int
    held: bool
    sending: bool
    next_attempt_at: datetime
    last_attempt_at: datetime | None
    last_host: str
    last_reply: str


class QueueState(NamedTuple):
    """How the queue stands."""

    messages: int
    recipients: int
    held: int  # recipients
    deferred: int  # recipients that were tried, and are tried again
    oldest: timedelta | None  # the age of the oldest message
    accounts_on_hold: Sequence[str]


def list_queue(
    tx: Transaction,
    account: str | None = None,
    domain: str | None = None,
    queue_id: str | None = None,
    *,
    most: int = MOST_LINES,
) -> Sequence[QueueLine]:
    """The oldest messages first: all, or those of an account, for a domain, or of this id."""
    wanted = {"account": account, "domain": domain, "queue_id": queue_id, "most": most, "domains": MOST_DOMAINS}
    return [QueueLine(*row[:7], *map(bool, row[7:9]), *row[9:]) for row in tx.rows(_LINES, wanted)]


def show_queued(tx: Transaction, queue_id: str) -> tuple[QueueLine, Sequence[QueueRecipient]]:
    """One message and its recipients. Raises NotQueued."""
    lines = list_queue(tx, queue_id=queue_id)
    if not lines:
        raise NotQueued(queue_id)
    return lines[0], [QueueRecipient(*row) for row in tx.rows(_RECIPIENTS, (queue_id,))]


def queue_state(tx: Transaction) -> QueueState:
    """Two queries."""
    ((messages, recipients, held, deferred, oldest, now),) = tx.rows(_STATE)
    names = [name for (name,) in tx.rows(_HELD_ACCOUNTS)]
    return QueueState(messages, recipients, held, deferred, None if oldest is None else now - oldest, names)
