"""Accounts, folders and rules that tests begin with."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from shared.access.rules.name_set import name_set
from shared.access.rules.network_keys import NetworkKey
from shared.access.rules.rules import Mode, RuleKind, RuleRow, Rules, Scope, add_network, is_network
from shared.accounts.account import Account, Role
from shared.accounts.create_account import create_account
from shared.accounts.verifiers import Verifiers, derive_verifiers
from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound
from shared.folders.folder import COLUMNS, Folder, folder_from
from shared.ip_network import Network
from shared.mail.open_mailbox import open_mailbox

DOMAIN = "example.org"
_numbers = count(1)


@dataclass(frozen=True)
class SignInSettings:
    """Those that `SignIn` asks for."""

    lockout_trusted_networks: Sequence[Network] = ()


@functools.cache
def verifiers_of(password: str) -> Verifiers:
    """What is kept of a password; derived once in a process, for that takes 0.2 s."""
    return derive_verifiers(password)


def an_account(
    tx: Transaction,
    name: str | None = None,
    role: Role = Role.MEMBER,
    *,
    verifiers: Verifiers | None = None,
    quota_octets: int | None = None,
) -> Account:
    """An account and nothing else; without `verifiers` nobody can sign in to it."""
    return create_account(tx, name or f"member{next(_numbers)}", role, verifiers=verifiers, quota_octets=quota_octets)


def a_member(
    tx: Transaction,
    name: str | None = None,
    role: Role = Role.MEMBER,
    *,
    verifiers: Verifiers | None = None,
    quota_octets: int | None = None,
    domain: str = DOMAIN,
) -> Account:
    """The same with the standard folders and the address NAME@domain."""
    account = an_account(tx, name, role, verifiers=verifiers, quota_octets=quota_octets)
    open_mailbox(tx, account, domain)
    return account


def members(tx: Transaction, *names: str) -> Sequence[Account]:
    return [a_member(tx, name) for name in names]


def folder_by_id(tx: Transaction, folder_id: int) -> Folder:
    """The folder as it is now. Raises FolderNotFound."""
    row = tx.row(f"SELECT {COLUMNS} FROM folder WHERE id = %s", (folder_id,))
    if row is None:
        raise FolderNotFound
    return folder_from(row)


def rules_of(rows: Iterable[RuleRow], mode: Mode = Mode.OPEN, revision: int = 0) -> Rules:
    """The rules in these rows, made without a store."""
    names: dict[int | None, dict[RuleKind, set[str]]] = {}
    networks: dict[int | None, dict[NetworkKey, RuleKind]] = {}
    for account_id, kind, name in rows:
        names.setdefault(account_id, {RuleKind.ALLOW: set(), RuleKind.BLOCK: set()})
        if is_network(name):
            add_network(networks.setdefault(account_id, {}), name, kind)
        else:
            names[account_id][kind].add(name)
    scopes = {
        account_id: Scope(name_set(of[RuleKind.ALLOW]), name_set(of[RuleKind.BLOCK]), networks.get(account_id, {}))
        for account_id, of in names.items()
    }
    return Rules(scopes, mode, revision)
