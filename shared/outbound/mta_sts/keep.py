"""The policies of MTA-STS that are kept: for every process, until their own time is over."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.outbound.mta_sts.policy import StsMode, StsPolicy

_FIND = """
    SELECT id, mode, patterns, max_age, fetched_at < now() - %s FROM sts_policy
    WHERE domain = %s AND fetched_at + max_age > now()
"""
_KEEP = """
    INSERT INTO sts_policy (domain, id, mode, patterns, max_age) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (domain) DO UPDATE SET id = excluded.id, mode = excluded.mode, patterns = excluded.patterns,
                                       max_age = excluded.max_age, fetched_at = now()
"""
_DROP_OLD = "DELETE FROM sts_policy WHERE fetched_at + max_age <= now()"
REFRESHED_AFTER = timedelta(days=1)  # so that one whose record is kept from us does not run out (RFC 8461 §10.2)


class KeptPolicy(NamedTuple):
    """A policy whose time is not over."""

    id: str
    policy: StsPolicy
    is_old: bool  # it should be fetched again, though its id has not changed


def find_policy(tx: Transaction, domain: str) -> KeptPolicy | None:
    """The policy of the domain, if one is kept."""
    for number, mode, patterns, max_age, is_old in tx.rows(_FIND, (REFRESHED_AFTER, domain)):
        return KeptPolicy(number, StsPolicy(StsMode(mode), patterns, max_age), is_old)
    return None


def keep_policy(tx: Transaction, domain: str, number: str, policy: StsPolicy) -> None:
    """Keep it in place of an older one; those whose time is over go."""
    tx.execute(_DROP_OLD)
    tx.execute(_KEEP, (domain, number, policy.mode.value, list(policy.patterns), policy.max_age))
