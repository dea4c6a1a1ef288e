"""Addresses, and where mail for them goes: to accounts, and to addresses elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.mail import addresses, forwards
from shared.mail.add_missing_addresses import add_missing_addresses
from shared.mail.address import parse_address
from shared.mail.addresses import AddressLine
from shared.mail.errors import AddressNotFound


def add(tx: Transaction, address: str, name: str) -> str | None:
    """Let mail for `address` reach `name`, an account or an address elsewhere, besides those that it reaches already.

    Returns the domain of an address elsewhere, None for an account. Raises AccountNotFound, BadAddress,
    DomainNotLocal, AddressExists, TargetIsLocal, ForwardExists, TooManyForwards.
    """
    account = _account_of(tx, name)
    if account is None:
        forwards.add_forward(tx, address, name)
        return parse_address(name).domain
    addresses.add_address(tx, account, address)
    return None


def add_missing(tx: Transaction, domain: str) -> int:
    """Give NAME@domain to each account without an address there; how many there were. Raises BadAddress."""
    return add_missing_addresses(tx, domain)


def list_all(tx: Transaction, name: str | None = None) -> Sequence[AddressLine]:
    """Those of the account `name`, or all, by domain and local part, and then those that lead elsewhere.

    Raises AccountNotFound.
    """
    if name is not None:
        return addresses.list_addresses(tx, find_account(tx, name))
    elsewhere = [AddressLine(*each) for each in forwards.list_forwards(tx)]
    return [*addresses.list_addresses(tx), *elsewhere]


def delete(tx: Transaction, address: str, name: str | None = None) -> None:
    """Stop delivering mail for `address` to `name`, an account or an address elsewhere, or to anybody.

    Raises AccountNotFound, BadAddress, AddressNotFound, ForwardNotFound.
    """
    account = None if name is None else _account_of(tx, name)
    if name is not None and account is None:
        forwards.delete_forward(tx, address, name)
        return
    deleted = forwards.delete_forwards(tx, address) if name is None else 0
    with suppress(*((AddressNotFound,) if deleted else ())):
        addresses.delete_address(tx, address, account)


def _account_of(tx: Transaction, name: str) -> Account | None:
    """None for an address elsewhere. Raises AccountNotFound, BadAddress."""
    try:
        return find_account(tx, name)
    except AccountNotFound:
        if "@" not in name or name.rpartition("@")[2] == "":
            raise
        parse_address(name)
        return None
