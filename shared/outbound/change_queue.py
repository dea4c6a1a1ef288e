"""What an administrator does to the queue: try now, hold, release, drop."""

from __future__ import annotations

from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.outbound.channel import QueueChanged
from shared.outbound.errors import NotQueued

_OF_MESSAGE = "outbound_id IN (SELECT id FROM outbound WHERE queue_id = %(queue_id)s)"
_RETRY = f"""
    UPDATE outbound_recipient SET next_attempt_at = now()
    WHERE NOT held AND (%(queue_id)s::text IS NULL OR {_OF_MESSAGE})
    AND (%(domain)s::text IS NULL OR domain = %(domain)s)
"""
_HOLD = f"UPDATE outbound_recipient SET held = true WHERE {_OF_MESSAGE}"
_RELEASE = f"UPDATE outbound_recipient SET held = false, next_attempt_at = now() WHERE {_OF_MESSAGE}"
_DROP = """
    WITH gone AS (DELETE FROM outbound WHERE queue_id = %(queue_id)s RETURNING id)
    DELETE FROM outbound_recipient WHERE outbound_id IN (SELECT id FROM gone)
"""
_RELEASE_ACCOUNT = """
    UPDATE outbound_account SET held_since = NULL, hour_began = now(), messages = 0, recipients = 0
    WHERE held_since IS NOT NULL AND account_id = (SELECT id FROM account WHERE name = %(name)s) RETURNING account_id
"""
_RELEASE_WAITING = """
    UPDATE outbound_recipient SET held = false, next_attempt_at = now()
    WHERE held AND outbound_id IN (SELECT id FROM outbound WHERE account_id = %(account_id)s)
"""


class Released(NamedTuple):
    """What may be sent again: so many recipients, of a message or of an account that was on hold."""

    recipients: int
    account: bool


def retry_queued(tx: Transaction, queue_id: str | None = None, domain: str | None = None) -> int:
    """Try a message now, or what is for a domain, or all that is not held; how many recipients. Raises NotQueued.

    Announces QueueChanged.
    """
    found = tx.execute(_RETRY, {"queue_id": queue_id, "domain": domain})
    if queue_id is not None and not found:
        raise NotQueued(queue_id)
    tx.announce(QueueChanged())
    return found


def hold_queued(tx: Transaction, queue_id: str) -> int:
    """Keep a message in the queue until it is released; how many recipients. Raises NotQueued.

    An attempt that is under way goes on. Announces QueueChanged.
    """
    found = tx.execute(_HOLD, {"queue_id": queue_id})
    if not found:
        raise NotQueued(queue_id)
    tx.announce(QueueChanged())
    return found


def release_queued(tx: Transaction, which: str) -> Released:
    """Send a message that is held, or let an account send that is on hold, with all that it has in the queue.

    Its hour begins anew. Raises NotQueued. Announces QueueChanged.
    """
    found = tx.execute(_RELEASE, {"queue_id": which})
    is_account = False
    if not found:
        account_id = tx.value(_RELEASE_ACCOUNT, {"name": which})
        if account_id is None:
            raise NotQueued(which)
        found, is_account = tx.execute(_RELEASE_WAITING, {"account_id": account_id}), True
    tx.announce(QueueChanged())
    return Released(found, is_account)


def drop_queued(tx: Transaction, queue_id: str) -> None:
    """Take a message out of the queue, and tell nobody. Raises NotQueued. Announces QueueChanged."""
    if not tx.execute(_DROP, {"queue_id": queue_id}):
        raise NotQueued(queue_id)
    tx.announce(QueueChanged())
