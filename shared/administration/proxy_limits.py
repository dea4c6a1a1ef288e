"""The proxy's limits: how much an account, or everybody, may use of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from shared.access.limits import set_limits
from shared.access.limits.account_access import AccountAccess
from shared.access.limits.list_limits import LimitLine, limits_of, list_limits
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction

__all__ = ["LimitLine", "list_limits"]


class LimitChange(NamedTuple):
    """What the account, or everybody, might use before the change, and may now."""

    before: AccountAccess
    after: AccountAccess


def change(tx: Transaction, account: str | None, limits: Mapping[str, float | int | bool | None]) -> LimitChange:
    """Those of AccountAccess's fields that `limits` names (None: no limit); others stay. Raises AccountNotFound."""
    return _changed(tx, account, lambda account_id: set_limits.set_limits(tx, account_id, limits))


def clear(tx: Transaction, account: str | None) -> LimitChange:
    """The account has everybody's limits then, or everybody none. Raises AccountNotFound, LimitNotFound."""
    return _changed(tx, account, lambda account_id: set_limits.clear_limits(tx, account_id))


def _changed(tx: Transaction, account: str | None, work: Callable[[int | None], None]) -> LimitChange:
    account_id = None if account is None else find_account(tx, account).id
    before = limits_of(tx, account_id)
    work(account_id)
    return LimitChange(before, limits_of(tx, account_id))
