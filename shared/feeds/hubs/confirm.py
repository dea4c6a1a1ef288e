"""The hub's question whether it was we who subscribed (WebSub §5.3), and its refusal (§5.2)."""

from __future__ import annotations

from datetime import timedelta

from shared.database.transaction import Transaction
from shared.feeds.hubs.claim_hubs import GREATEST_WAIT, MOST_ERROR_CHARACTERS

LEASE = timedelta(days=10)  # what is asked for; the hub decides
LEAST_LEASE = timedelta(minutes=5)
GREATEST_LEASE = timedelta(days=30)
RENEWED_AFTER = 0.8  # of a lease

_CONFIRM = """
    UPDATE feed_hub SET active_until = now() + %(lease)s, next_try_at = now() + %(renew)s, failures = 0, error = ''
    WHERE token = %(token)s AND topic = %(topic)s AND asked_at IS NOT NULL
"""
_REFUSE = """
    UPDATE feed_hub SET active_until = NULL, next_try_at = now() + %s, error = %s
    WHERE token = %s AND topic = %s AND asked_at IS NOT NULL
"""


def confirm(tx: Transaction, token: str, topic: str, lease: timedelta | None) -> bool:
    """Whether this process or another has asked for it; then it is renewed before its end."""
    lease = LEASE if lease is None else min(max(lease, LEAST_LEASE), GREATEST_LEASE)
    return bool(tx.execute(_CONFIRM, {"lease": lease, "renew": lease * RENEWED_AFTER, "token": token, "topic": topic}))


def refuse(tx: Transaction, token: str, topic: str, reason: str) -> bool:
    """Whether it was asked for; the hub, which does not push it, is asked again a day later."""
    error = f"the hub refuses: {reason}" if reason else "the hub refuses"
    return bool(tx.execute(_REFUSE, (GREATEST_WAIT, error[:MOST_ERROR_CHARACTERS], token, topic)))
