"""SSH keys of accounts: added, listed, deleted."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.find_account import find_account
from shared.accounts.ssh_keys import add_ssh_key, list_ssh_keys, remove_ssh_key
from shared.accounts.ssh_keys.public_key import parse_public_key
from shared.accounts.ssh_keys.ssh_key import SshKey
from shared.database.transaction import Transaction


def add(tx: Transaction, name: str, line: str) -> SshKey:
    """The account `name` signs in with the key in `line`, which is that of a `.pub` file.

    Raises AccountNotFound, UnusableSshKey, SshKeyExists, TooManySshKeys.
    """
    return add_ssh_key.add_ssh_key(tx, find_account(tx, name).id, parse_public_key(line))


def list_all(tx: Transaction, name: str) -> Sequence[SshKey]:
    """Those of the account `name`, the oldest first. Raises AccountNotFound."""
    return list_ssh_keys.list_ssh_keys(tx, find_account(tx, name).id)


def delete(tx: Transaction, name: str, key: str) -> None:
    """It is refused from now on; `key` is its number or its fingerprint. Raises AccountNotFound, SshKeyNotFound."""
    remove_ssh_key.remove_ssh_key(tx, find_account(tx, name).id, key)
