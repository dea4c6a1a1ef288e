"""The full name of an account: how others see its owner beside what they write. It is asked for once, by any door."""

from __future__ import annotations

import unicodedata

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound, UnusableFullName
from shared.database.transaction import Transaction

MOST_CHARACTERS = 200


def check_full_name(text: str) -> str:
    """The name as it is kept: NFC, single spaces. Raises UnusableFullName for an empty or long one, and for controls.

    Marks that turn the direction of what follows count as controls; the joiners of Persian and Hindi do not.
    """
    if len(text) > MOST_CHARACTERS * 4:
        raise UnusableFullName(f"it has more than {MOST_CHARACTERS} characters")
    name = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNING for letter in name):
        raise UnusableFullName("it has control characters")
    name = " ".join(name.split())
    if not name:
        raise UnusableFullName("it is empty")
    if len(name) > MOST_CHARACTERS:
        raise UnusableFullName(f"it has more than {MOST_CHARACTERS} characters")
    return name


def set_full_name(tx: Transaction, account_id: int, full_name: str) -> Account:
    """Announces AccountChanged. Raises UnusableFullName, AccountNotFound."""
    row = tx.row(
        f"UPDATE account SET full_name = %s WHERE id = %s RETURNING {COLUMNS}",
        (check_full_name(full_name), account_id),
    )
    if row is None:
        raise AccountNotFound(account_id)
    tx.announce(AccountChanged(account_id))
    return account_of(row)


_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
