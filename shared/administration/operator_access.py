"""An operator's own access: an administrator's app password that lasts as long as one command."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from shared.accounts.account import Role
from shared.accounts.add_app_password import add_app_password
from shared.accounts.errors import AccountNotFound, AppPasswordNotFound
from shared.accounts.list_accounts import list_accounts
from shared.accounts.remove_app_password import remove_app_password
from shared.database.transaction import Transaction


class OperatorAccess(NamedTuple):
    """An administrator's name, and the secret of an app password of theirs."""

    account_id: int
    name: str
    number: int
    secret: str


def begin(tx: Transaction, label: str, protocols: Collection[str]) -> OperatorAccess:
    """Make one, of the first enabled administrator by name. Raises AccountNotFound where there is none."""
    for account in list_accounts(tx):
        if account.role is Role.ADMIN and account.enabled:
            made, secret = add_app_password(tx, account.id, label, protocols)
            return OperatorAccess(account.id, account.name, made.id, secret)
    raise AccountNotFound


def end(tx: Transaction, access: OperatorAccess) -> None:
    """It is refused from now on; harmless where it is gone already."""
    try:
        remove_app_password(tx, access.account_id, access.number)
    except (AccountNotFound, AppPasswordNotFound):
        return
