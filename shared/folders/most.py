"""The greatest numbers of folders and of subscriptions of an account.

Each costs a row, a line of LIST, and a little of every command that looks at all of them.
"""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.errors import TooManyFolders, TooManySubscriptions

MOST_FOLDERS = 5_000  # ten times what the largest mailboxes of people have; a LIST of all is half a megabyte
MOST_SUBSCRIPTIONS = MOST_FOLDERS


def check_folders(tx: Transaction, account_id: int | None) -> None:
    """Raises TooManyFolders when the account now has more than it may.

    Folders that others make at the same moment are not seen: the limit may be overrun by what comes in at once.
    """
    if tx.value("SELECT count(*) FROM folder WHERE account_id = %s", (account_id,)) > MOST_FOLDERS:
        raise TooManyFolders


def check_subscriptions(tx: Transaction, account_id: int) -> None:
    """Raises TooManySubscriptions when the account now has more than it may."""
    if tx.value("SELECT count(*) FROM subscription WHERE account_id = %s", (account_id,)) > MOST_SUBSCRIPTIONS:
        raise TooManySubscriptions
