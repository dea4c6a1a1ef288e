"""The state of the proxy, as an operator looks at it first; the services' own word is in readiness.py."""

from __future__ import annotations

from shared.access.summary import Summary, summarize
from shared.clock import utc_day
from shared.database.transaction import Transaction

__all__ = ["Summary"]


def proxy_today(tx: Transaction) -> Summary:
    """Its rules, and what was used today (UTC)."""
    return summarize(tx, utc_day())
