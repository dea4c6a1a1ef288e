"""Changing the limits of an account, or of everybody."""

from __future__ import annotations

from collections.abc import Mapping

from shared.access.channel import AccessChanged
from shared.access.errors import LimitNotFound
from shared.access.limits.account_access import NAMES, NO_LIMIT
from shared.access.read_rules import read_revision
from shared.database.transaction import Transaction


def set_limits(tx: Transaction, account_id: int | None, limits: Mapping[str, float | int | bool | None]) -> None:
    """Change those of AccountAccess's fields that `limits` names (None: no limit), for one account or everybody (None).

    What is not named stays; an account that has nothing of its own for a field has everybody's.
    """
    tx.execute("INSERT INTO access_limit (account_id) VALUES (%s) ON CONFLICT DO NOTHING", (account_id,))
    for name in NAMES:
        if name in limits:
            value = NO_LIMIT[name] if limits[name] is None else limits[name]
            tx.execute(
                f"UPDATE access_limit SET {name} = %s WHERE account_id IS NOT DISTINCT FROM %s", (value, account_id)
            )
    tx.announce(AccessChanged(read_revision(tx)))


def clear_limits(tx: Transaction, account_id: int | None) -> None:
    """From now on the account has everybody's limits, or everybody none. Raises LimitNotFound."""
    if not tx.execute("DELETE FROM access_limit WHERE account_id IS NOT DISTINCT FROM %s", (account_id,)):
        raise LimitNotFound
    tx.announce(AccessChanged(read_revision(tx)))
