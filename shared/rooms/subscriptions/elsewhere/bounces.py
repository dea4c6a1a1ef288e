"""Bounces of what subscribers elsewhere were sent: counted by the day, and after some of them the subscription ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.rooms.subscriptions.channel import SubscribersChanged

MOST_LOOKED_AT = 64 << 10  # octets of a bounce; what a report says of a recipient is at its beginning
_REPORT = re.compile(rb"^Content-Type:\s*multipart/report\b", re.IGNORECASE | re.MULTILINE)
_FAILED = re.compile(rb"^Action:[ \t]*failed\b", re.IGNORECASE | re.MULTILINE)
_SENDER = re.compile(r"bounce\+([0-9a-f]{32})@.+")

# Of a day's bounces one counts: a full mailbox returns every post of a lively day. After a week without one they are
# forgotten.
_COUNT = """
    WITH locked AS (
        SELECT id FROM remote_subscriber WHERE token = ANY(%(tokens)s::text[]) ORDER BY id FOR UPDATE
    )
    UPDATE remote_subscriber SET bounced_at = now(),
        bounces = CASE WHEN bounced_at < now() - interval '7 days' THEN 1 ELSE bounces + 1 END
    WHERE id IN (SELECT id FROM locked) AND (bounced_at IS NULL OR bounced_at < now() - interval '20 hours')
"""
_END = """
    DELETE FROM remote_subscriber USING room
    WHERE token = ANY(%(tokens)s::text[]) AND bounces >= %(most)s AND room.folder_id = remote_subscriber.folder_id
    RETURNING room.name, address
"""


class BouncedOut(NamedTuple):
    """A subscription that has ended by its bounces."""

    room: str
    address: str


def count_bounces(tx: Transaction, tokens: Sequence[str], most: int) -> Sequence[BouncedOut]:
    """Count a bounce for each of these subscribers; the subscriptions that end with the one after `most` - 1.

    Announces SubscribersChanged where there are some.
    """
    if not tokens:
        return ()
    wanted = {"tokens": list(tokens), "most": most}
    if not tx.execute(_COUNT, wanted):
        return ()
    ended = [BouncedOut(*row) for row in tx.rows(_END, wanted)]
    if ended:
        tx.announce(SubscribersChanged())
    return ended


def token_of(sender: str) -> str | None:
    """The subscriber's token in an envelope's sender; None where it is another address."""
    found = _SENDER.fullmatch(sender)
    return None if found is None else found[1]


def is_failure(octets: bytes) -> bool:
    """Whether a message says that something could not be delivered (RFC 3464): a holiday's reply does not."""
    return _REPORT.search(octets) is not None and _FAILED.search(octets) is not None
