"""Accounts: made with all that belongs to a member, listed with what they keep, changed, deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Concatenate, NamedTuple, ParamSpec

from shared.accounts import change_account as changes
from shared.accounts import delete_account as deletion
from shared.accounts import full_name as full_names
from shared.accounts import set_password as passwords
from shared.accounts.account import Account, Role
from shared.accounts.create_account import create_account
from shared.accounts.errors import AccountExists
from shared.accounts.find_account import find_account
from shared.accounts.list_accounts import list_accounts
from shared.accounts.names import check_account_name
from shared.accounts.verifiers import Verifiers
from shared.database.transaction import Transaction
from shared.mail.open_mailbox import open_mailbox

__all__ = ["find_account"]

P = ParamSpec("P")


class Member(NamedTuple):
    """An account, and how much mail it keeps."""

    account: Account
    used_octets: int


def check_new_name(tx: Transaction, name: str) -> None:
    """Check the name before a password is asked for. Raises UnusableName, AccountExists."""
    if tx.value("SELECT EXISTS (SELECT FROM account WHERE name = %s)", (check_account_name(name),)):
        raise AccountExists(name)


def create_member(
    tx: Transaction,
    name: str,
    verifiers: Verifiers,
    domain: str,
    role: Role = Role.MEMBER,
    quota_octets: int | None = None,
    full_name: str | None = None,
) -> Account:
    """An account that can sign in, with its standard folders and the address `name@domain`.

    Without `full_name` its owner is asked for it at the first sign-in by the web or SSH. Raises UnusableName,
    AccountExists, UnusableFullName.
    """
    account = create_account(tx, name, role, verifiers=verifiers, quota_octets=quota_octets)
    open_mailbox(tx, account, domain)
    return account if full_name is None else full_names.set_full_name(tx, account.id, full_name)


def list_members(tx: Transaction) -> Sequence[Member]:
    """All accounts, by name."""
    used = dict(tx.rows("SELECT account_id, sum(octets)::bigint FROM folder WHERE account_id IS NOT NULL GROUP BY 1"))
    return [Member(account, used.get(account.id, 0)) for account in list_accounts(tx)]


def set_password(tx: Transaction, name: str, verifiers: Verifiers) -> None:
    """App passwords stay. Raises AccountNotFound."""
    _change(tx, name, passwords.set_password, verifiers)


def disable(tx: Transaction, name: str) -> None:
    """Sign-in is refused from now on; mail is still delivered. Raises AccountNotFound, LastAdmin."""
    _change(tx, name, changes.disable_account)


def enable(tx: Transaction, name: str) -> None:
    """Let it sign in again. Raises AccountNotFound."""
    _change(tx, name, changes.enable_account)


def set_role(tx: Transaction, name: str, role: Role) -> None:
    """Raises AccountNotFound, LastAdmin."""
    _change(tx, name, changes.set_role, role)


def set_full_name(tx: Transaction, name: str, full_name: str) -> None:
    """How others see it. Raises AccountNotFound, UnusableFullName."""
    _change(tx, name, full_names.set_full_name, full_name)


def set_quota(tx: Transaction, name: str, quota_octets: int | None) -> None:
    """None: no limit. Raises AccountNotFound."""
    _change(tx, name, changes.set_quota, quota_octets)


def set_news_marks(tx: Transaction, name: str, marks: bool) -> None:
    """Whether what it reads by NNTP is marked as seen. Raises AccountNotFound."""
    _change(tx, name, changes.set_news_marks, marks)


def delete(tx: Transaction, name: str) -> None:
    """With all its mail. There is no way back but a backup. Raises AccountNotFound, LastAdmin."""
    _change(tx, name, deletion.delete_account)


def _change(
    tx: Transaction,
    name: str,
    change: Callable[Concatenate[Transaction, int, P], object],
    *arguments: P.args,
    **named: P.kwargs,
) -> None:
    change(tx, find_account(tx, name).id, *arguments, **named)
