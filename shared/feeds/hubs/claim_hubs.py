"""The hubs that are to be asked to push, now, by this process; and what came of asking one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from shared.database.transaction import Transaction
from shared.feeds.hubs.feed_hub import HUB_COLUMNS, FeedHub, hub_from

ANSWERS_WITHIN = timedelta(hours=1)  # a hub confirms within seconds; one that does not is asked again
GREATEST_WAIT = timedelta(days=1)
MOST_ERROR_CHARACTERS = 300

# It counts as failed until it is confirmed, so that a process that dies meanwhile leaves nothing to be mended.
_CLAIM = f"""
    UPDATE feed_hub SET asked_at = now(), failures = failures + 1,
                        next_try_at = now() + least(%(within)s * power(2, least(failures, 10)), %(most_wait)s)
    WHERE feed_id IN (
        SELECT feed_id FROM feed_hub JOIN feed ON feed.id = feed_id
        WHERE feed_hub.next_try_at <= now() AND NOT stopped
        ORDER BY feed_hub.next_try_at LIMIT %(most)s FOR UPDATE OF feed_hub SKIP LOCKED
    )
    RETURNING {HUB_COLUMNS}
"""


def claim_hubs(tx: Transaction, most: int) -> Sequence[FeedHub]:
    """Up to `most` that are due, the longest waiting first; each is due again after a time that grows."""
    rows = tx.rows(_CLAIM, {"most": most, "within": ANSWERS_WITHIN, "most_wait": GREATEST_WAIT})
    return [hub_from(row) for row in rows]


def note_hub_error(tx: Transaction, token: str, error: str) -> None:
    """The hub did not take the request; `error` is a sentence."""
    tx.execute("UPDATE feed_hub SET error = %s WHERE token = %s", (error[:MOST_ERROR_CHARACTERS], token))
