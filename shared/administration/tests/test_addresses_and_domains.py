"""Addresses and domains, as every way to administer the server changes them."""

from __future__ import annotations

import pytest

from shared.accounts.account import Account
from shared.accounts.channel import AccountChanged, DomainsChanged
from shared.accounts.create_account import create_account
from shared.accounts.errors import AccountNotFound
from shared.administration import addresses, domains
from shared.database.transaction import Transaction
from shared.mail.errors import AddressNotFound, DomainInUse, DomainNotLocal


@pytest.fixture
def alice(transaction: Transaction) -> Account:
    return create_account(transaction, "alice")


def test_domains_come_and_go_and_both_are_announced(transaction: Transaction) -> None:
    assert domains.add(transaction, "Example.ORG") == "example.org"
    assert domains.list_domains(transaction) == ["example.org"]
    assert transaction.commit() == [DomainsChanged()]
    domains.delete(transaction, "example.org")
    assert domains.list_domains(transaction) == []
    assert transaction.commit() == [DomainsChanged()]
    with pytest.raises(DomainNotLocal):
        domains.delete(transaction, "example.org")


def test_addresses_come_and_go_and_both_are_announced(transaction: Transaction, alice: Account) -> None:
    domains.add(transaction, "example.org")
    transaction.commit()
    addresses.add(transaction, "sales@example.org", "alice")
    assert transaction.commit() == [AccountChanged(alice.id)]
    assert addresses.list_all(transaction) == [("sales@example.org", "alice")]
    assert addresses.list_all(transaction, "alice") == addresses.list_all(transaction)
    with pytest.raises(DomainInUse):
        domains.delete(transaction, "example.org")
    addresses.delete(transaction, "sales@example.org", "alice")
    assert transaction.commit() == [AccountChanged(alice.id)]
    with pytest.raises(AddressNotFound):
        addresses.delete(transaction, "sales@example.org")


def test_accounts_get_the_addresses_they_miss(transaction: Transaction, alice: Account) -> None:
    assert addresses.add_missing(transaction, "example.com") == 1
    assert addresses.add_missing(transaction, "example.com") == 0
    assert addresses.list_all(transaction, "alice") == [("alice@example.com", "alice")]
    assert transaction.events == [AccountChanged(alice.id), DomainsChanged()]


def test_an_account_that_is_not_there_has_no_addresses(transaction: Transaction) -> None:
    with pytest.raises(AccountNotFound):
        addresses.list_all(transaction, "bob")
