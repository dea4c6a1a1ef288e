"""Delete an app password."""

from __future__ import annotations

from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AppPasswordNotFound
from shared.database.transaction import Transaction


def remove_app_password(tx: Transaction, account_id: int, app_password_id: int) -> None:
    """It is refused from the commit on. Announces AccountChanged. Raises AppPasswordNotFound."""
    removed = tx.execute(
        "DELETE FROM credential WHERE id = %s AND account_id = %s AND kind = 'app_password'",
        (app_password_id, account_id),
    )
    if not removed:
        raise AppPasswordNotFound(app_password_id)
    tx.announce(AccountChanged(account_id))
