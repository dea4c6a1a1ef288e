"""Claiming subscribers: their rows are locked until the transaction ends, and passed over by everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction

MOST_SUBSCRIBERS = 2_000  # of one transaction, which locks their mailboxes

# All numbers up to the room's last one are committed: they are given under the lock of its folder.
_CLAIM = """
    SELECT room_subscription.account_id, position, folder.uidnext - 1, account.enabled, account.role <> 'guest',
           inbox.id
    FROM room_subscription
    JOIN folder ON folder.id = room_subscription.folder_id
    JOIN account ON account.id = room_subscription.account_id
    LEFT JOIN folder AS inbox ON inbox.account_id = account.id AND inbox.name = 'INBOX'
    WHERE room_subscription.folder_id = %(room)s AND {which}
    ORDER BY position, room_subscription.account_id LIMIT %(most)s
    FOR NO KEY UPDATE OF room_subscription SKIP LOCKED
"""
_BEHIND = _CLAIM.format(which="kind = 'each' AND position < folder.uidnext - 1")
_DIGEST = _CLAIM.format(which="kind = 'digest' AND digest_at <= %(now)s")


class Subscriber(NamedTuple):
    """Somebody who is to be sent what is behind `position`."""

    account_id: int
    position: int
    inbox_id: int | None  # None: nothing can be delivered
    refusal: str  # why not


class SubscriberClaim(NamedTuple):
    """Subscribers, and the room's last number as of then."""

    subscribers: Sequence[Subscriber]
    high: int


def claim_behind(tx: Transaction, room_id: int) -> SubscriberClaim | None:
    """Those who have not been sent the newest posts; None where there are none that nobody else is sending to."""
    return _claim(tx, _BEHIND, {"room": room_id, "most": MOST_SUBSCRIBERS})


def claim_digest(tx: Transaction, room_id: int, now: datetime) -> SubscriberClaim | None:
    """Those whose digest is due, and has the same posts; None where there are none.

    Others are left for the next claim: a digest is one message for all who are sent it.
    """
    claim = _claim(tx, _DIGEST, {"room": room_id, "most": MOST_SUBSCRIBERS, "now": now})
    if claim is None:
        return None
    first = min(each.position for each in claim.subscribers)
    return claim._replace(subscribers=[each for each in claim.subscribers if each.position == first])


def _claim(tx: Transaction, query: str, wanted: dict[str, object]) -> SubscriberClaim | None:
    rows = tx.rows(query, wanted)
    if not rows:
        return None
    subscribers = [_subscriber(account_id, position, *rest) for account_id, position, _, *rest in rows]
    return SubscriberClaim(subscribers, max(high for _, _, high, *_ in rows))


def _subscriber(
    account_id: int, position: int, is_enabled: bool, may_receive: bool, inbox_id: int | None
) -> Subscriber:
    if not is_enabled:
        return Subscriber(account_id, position, None, "the account is disabled")
    if not may_receive:
        return Subscriber(account_id, position, None, "a guest receives no mail")
    if inbox_id is None:
        return Subscriber(account_id, position, None, "the account has no INBOX")
    return Subscriber(account_id, position, inbox_id, "")
