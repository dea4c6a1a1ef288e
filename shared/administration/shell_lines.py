"""The lines that an account typed into the shell: its history, the same at every copy of the service."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction

MOST_LINES = 1000
_SPARE = 100  # lines more than that are kept until they are deleted together


def read_lines(tx: Transaction, account_id: int) -> Sequence[str]:
    """The last MOST_LINES of the account, the newest first."""
    return [
        line
        for (line,) in tx.rows(
            "SELECT line FROM shell_line WHERE account_id = %s ORDER BY id DESC LIMIT %s", (account_id, MOST_LINES)
        )
    ]


def keep_line(tx: Transaction, account_id: int, line: str) -> None:
    """Add a line, which has no secrets in it. Raises AccountNotFound if the account is gone meanwhile."""
    with referring(AccountNotFound):
        number = tx.value("INSERT INTO shell_line (account_id, line) VALUES (%s, %s) RETURNING id", (account_id, line))
    if number % _SPARE == 0:
        tx.execute(
            "DELETE FROM shell_line WHERE account_id = %s AND id < (SELECT min(id) FROM (SELECT id FROM shell_line"
            " WHERE account_id = %s ORDER BY id DESC LIMIT %s) AS kept)",
            (account_id, account_id, MOST_LINES),
        )
