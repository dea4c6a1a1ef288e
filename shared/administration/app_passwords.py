"""App passwords: a password for each program, which can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shared.accounts import add_app_password, list_app_passwords, remove_app_password
from shared.accounts.app_password import AppPassword
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction


def add(
    tx: Transaction, name: str, label: str, protocols: Collection[str] = (), *, for_apop: bool = False
) -> tuple[AppPassword, str]:
    """A new one of the account `name`, and its secret, which cannot be shown again.

    `protocols`: where it is good; empty: everywhere. `for_apop`: the secret itself is kept, for POP3's APOP. Raises
    AccountNotFound, UnknownProtocol.
    """
    account = find_account(tx, name)
    return add_app_password.add_app_password(tx, account.id, label, protocols, for_apop=for_apop)


def list_all(tx: Transaction, name: str) -> Sequence[AppPassword]:
    """Those of the account `name`, the oldest first. Raises AccountNotFound."""
    return list_app_passwords.list_app_passwords(tx, find_account(tx, name).id)


def delete(tx: Transaction, name: str, number: int) -> None:
    """It is refused from now on. Raises AccountNotFound, AppPasswordNotFound."""
    remove_app_password.remove_app_password(tx, find_account(tx, name).id, number)
