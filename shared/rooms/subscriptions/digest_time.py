"""The time of the daily digests: one moment for all, so that the subscribers of a room share one message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

DIGEST_HOUR = 4  # UTC: the night's and the day before's posts are there in the morning, from Europe to East Africa


def next_digest(now: datetime) -> datetime:
    """The first time of a digest behind `now`."""
    today = now.astimezone(UTC).replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)
