"""The rule that somebody can always administer the server."""

from __future__ import annotations

from shared.accounts.errors import LastAdmin
from shared.database.transaction import Transaction


def keep_an_admin(tx: Transaction, without: int) -> None:
    """Call it before the account `without` stops being an enabled admin. Raises LastAdmin if it is the only one.

    The admins' rows stay locked to the end of the transaction, so that two admins cannot remove each other at once.
    """
    admins = tx.rows("SELECT id FROM account WHERE role = 'admin' AND enabled ORDER BY id FOR UPDATE")
    if admins == [(without,)]:
        raise LastAdmin
