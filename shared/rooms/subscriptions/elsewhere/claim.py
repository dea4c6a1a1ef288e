"""Claiming subscribers elsewhere: their rows are locked until the transaction ends; others pass over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal

MOST_SUBSCRIBERS = 2_000  # of one transaction

# All numbers up to the room's last one are committed: they are given under the lock of its folder.
_CLAIM = """
    SELECT remote_subscriber.id, position, address, domain, token, folder.uidnext - 1
    FROM remote_subscriber JOIN folder ON folder.id = folder_id
    WHERE folder_id = %(room)s AND {which} ORDER BY position, remote_subscriber.id LIMIT %(most)s
    FOR NO KEY UPDATE OF remote_subscriber SKIP LOCKED
"""
_BEHIND = _CLAIM.format(which="kind = 'each' AND position < folder.uidnext - 1")
_DIGEST = _CLAIM.format(which="kind = 'digest' AND digest_at <= %(now)s")
_ADVANCE = """
    UPDATE remote_subscriber SET position = greatest(position, %(position)s), digest_at = {digest_at}
    WHERE id = ANY(%(subscribers)s::bigint[])
"""
_ADVANCE_EACH = _ADVANCE.format(digest_at="digest_at")
_ADVANCE_DIGEST = _ADVANCE.format(digest_at="%(digest_at)s")


class RemoteSubscriber(NamedTuple):
    """An address that is to be sent what is behind `position`."""

    id: int
    position: int
    address: str
    domain: str
    token: str


class RemoteClaim(NamedTuple):
    """Subscribers, and the room's last number as of then."""

    subscribers: Sequence[RemoteSubscriber]
    high: int


def claim_behind_elsewhere(tx: Transaction, room_id: int) -> RemoteClaim | None:
    """Those who lack the newest posts; None where there are none that nobody else is sending to."""
    return _claim(tx, _BEHIND, {"room": room_id, "most": MOST_SUBSCRIBERS})


def claim_digest_elsewhere(tx: Transaction, room_id: int, now: datetime) -> RemoteClaim | None:
    """Those whose digest is due, and has the same posts; others are left for the next claim."""
    claim = _claim(tx, _DIGEST, {"room": room_id, "most": MOST_SUBSCRIBERS, "now": now})
    if claim is None:
        return None
    first = claim.subscribers[0].position
    return claim._replace(subscribers=[each for each in claim.subscribers if each.position == first])


def advance_elsewhere(tx: Transaction, claim: RemoteClaim, position: int, digest_at: datetime | None = None) -> None:
    """Posts up to `position` are queued for these; with `digest_at`, their next digest is due then."""
    moved = {"subscribers": array_literal(each.id for each in claim.subscribers), "position": position}
    if digest_at is None:
        tx.execute(_ADVANCE_EACH, moved)
    else:
        tx.execute(_ADVANCE_DIGEST, {**moved, "digest_at": digest_at})


def _claim(tx: Transaction, query: str, wanted: dict[str, object]) -> RemoteClaim | None:
    rows = tx.rows(query, wanted)
    if not rows:
        return None
    return RemoteClaim([RemoteSubscriber(*row[:5]) for row in rows], max(row[5] for row in rows))
