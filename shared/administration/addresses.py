"""Addresses, and the accounts that mail for them reaches."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.mail import addresses
from shared.mail.add_missing_addresses import add_missing_addresses
from shared.mail.addresses import AddressLine


def add(tx: Transaction, address: str, name: str) -> None:
    """Let mail for `address` reach the account `name`, besides the accounts that it reaches already.

    Raises AccountNotFound, BadAddress, DomainNotLocal, AddressExists.
    """
    addresses.add_address(tx, find_account(tx, name), address)


def add_missing(tx: Transaction, domain: str) -> int:
    """Give NAME@domain to each account without an address there; how many there were. Raises BadAddress."""
    return add_missing_addresses(tx, domain)


def list_all(tx: Transaction, name: str | None = None) -> Sequence[AddressLine]:
    """Those of the account `name`, or all, by domain and local part. Raises AccountNotFound."""
    return addresses.list_addresses(tx, None if name is None else find_account(tx, name))


def delete(tx: Transaction, address: str, name: str | None = None) -> None:
    """Stop delivering mail for `address` to the account `name`, or to any account.

    Raises AccountNotFound, BadAddress, AddressNotFound.
    """
    addresses.delete_address(tx, address, None if name is None else find_account(tx, name))
