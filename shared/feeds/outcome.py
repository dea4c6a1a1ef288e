"""The outcome of polling a feed, written into its row; the lease ends with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database.transaction import Transaction
from shared.feeds.claim import LEASE

MOST_ERROR_CHARACTERS = 300

# Somebody has wanted it to be asked since the process began to: what was read may be older than that.
_WANTED = "(next_try_at > leased_until - %(lease)s AND next_try_at <= now())"
_NEXT = f"CASE WHEN {_WANTED} THEN next_try_at ELSE %(next_try_at)s END"
# Where another feed of the room has the new address already, this one keeps its own.
_ANSWERED = f"""
    UPDATE feed SET title = CASE WHEN %(title)s = '' THEN title ELSE %(title)s END, etag = %(etag)s,
                    last_modified = %(last_modified)s,
                    url = CASE WHEN EXISTS (
                        SELECT FROM feed AS other WHERE other.folder_id = feed.folder_id AND other.url = %(url)s
                    ) THEN url ELSE %(url)s END, next_try_at = {_NEXT},
                    answered_at = now(), failures = 0, failing_since = NULL, error = '',
                    leased_by = NULL, leased_until = NULL
    WHERE id = %(id)s AND leased_by = %(process)s
"""
_FAILED = f"""
    UPDATE feed SET next_try_at = {_NEXT}, failures = failures + 1, error = %(error)s,
                    stopped = %(stopped)s AND NOT {_WANTED},
                    failing_since = coalesce(failing_since, now()), leased_by = NULL, leased_until = NULL
    WHERE id = %(id)s AND leased_by = %(process)s
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """The feed was read, or is unchanged. `url` is its address from now on (RFC 9110 §15.4.2, §15.4.9)."""

    title: str  # "" where the answer did not say
    url: str
    etag: str
    last_modified: str
    next_try_at: datetime


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """The server could not be reached, or did not answer with a feed."""

    error: str  # a sentence
    next_try_at: datetime
    stopped: bool = False


def write_outcome(tx: Transaction, feed_id: int, process: UUID, outcome: Answered | NotAnswered) -> bool:
    """End the lease of `process`; false, and nothing is written, if it ran out and another process has it now."""
    held = {"id": feed_id, "process": str(process), "next_try_at": outcome.next_try_at, "lease": LEASE}
    if isinstance(outcome, Answered):
        return bool(
            tx.execute(
                _ANSWERED,
                held
                | {
                    "title": outcome.title,
                    "etag": outcome.etag,
                    "last_modified": outcome.last_modified,
                    "url": outcome.url,
                },
            )
        )
    error = outcome.error[:MOST_ERROR_CHARACTERS]
    return bool(tx.execute(_FAILED, held | {"error": error, "stopped": outcome.stopped}))
