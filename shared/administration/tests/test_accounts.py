"""Accounts, app passwords and own passwords, changed as every way to administer the server does it."""

from __future__ import annotations

import pytest

from shared.accounts.account import Role
from shared.accounts.channel import AccountChanged, DomainsChanged
from shared.accounts.errors import AccountExists, AccountNotFound, BadCredentials, LastAdmin
from shared.accounts.verifiers import Verifiers
from shared.administration import accounts, app_passwords, first_admin, own_password
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.mail.addresses import list_addresses
from shared.testing.builders import verifiers_of
from shared.testing.overtaken import overtaken_transaction

DOMAIN = "example.org"
PASSWORD = "kept in a drawer"


@pytest.fixture(scope="module")
def verifiers() -> Verifiers:
    return verifiers_of(PASSWORD)


def test_a_member_is_made_with_folders_and_an_address(transaction: Transaction, verifiers: Verifiers) -> None:
    made = accounts.create_member(transaction, "alice", verifiers, DOMAIN, quota_octets=4096)
    (member,) = accounts.list_members(transaction)
    assert member == (made, 0)
    assert [line.address for line in list_addresses(transaction, made)] == ["alice@example.org"]
    assert transaction.value("SELECT count(*) FROM folder WHERE account_id = %s", (made.id,)) > 1
    assert transaction.events == [AccountChanged(made.id), DomainsChanged()]


def test_a_name_in_use_is_refused_before_the_password(transaction: Transaction, verifiers: Verifiers) -> None:
    accounts.check_new_name(transaction, "alice")
    accounts.create_member(transaction, "alice", verifiers, DOMAIN)
    with pytest.raises(AccountExists):
        accounts.check_new_name(transaction, "Alice")


def test_each_change_of_an_account_is_announced_once(transaction: Transaction, verifiers: Verifiers) -> None:
    made = accounts.create_member(transaction, "alice", verifiers, DOMAIN)
    transaction.commit()
    for change in (
        lambda: accounts.set_password(transaction, "alice", verifiers),
        lambda: accounts.set_role(transaction, "alice@example.org", Role.MODERATOR),
        lambda: accounts.set_quota(transaction, "alice", 4096),
        lambda: accounts.disable(transaction, "alice"),
        lambda: accounts.enable(transaction, "alice"),
        lambda: app_passwords.add(transaction, "alice", "phone"),
        lambda: app_passwords.delete(transaction, "alice", app_passwords.list_all(transaction, "alice")[0].id),
        lambda: accounts.delete(transaction, "alice"),
    ):
        transaction.commit()
        change()
        assert transaction.events == [AccountChanged(made.id)]
    with pytest.raises(AccountNotFound):
        accounts.find_account(transaction, "alice")


def test_a_member_changes_the_own_password_with_the_current_one(transaction: Transaction, verifiers: Verifiers) -> None:
    accounts.create_member(transaction, "alice", verifiers, DOMAIN)
    known = own_password.credentials_of(transaction, "alice")
    assert known is not None
    assert own_password.is_password_of(known, PASSWORD)
    assert not own_password.is_password_of(known, "kept in a box")
    own_password.change(transaction, known, verifiers_of("kept in a box"))
    changed = own_password.credentials_of(transaction, "alice")
    assert changed is not None
    assert own_password.is_password_of(changed, "kept in a box")


@pytest.mark.parametrize("meanwhile", ["reset", "disabled", "deleted"])
def test_a_password_that_was_checked_and_holds_no_more_is_not_changed(
    transaction: Transaction, verifiers: Verifiers, meanwhile: str
) -> None:
    accounts.create_member(transaction, "alice", verifiers, DOMAIN)
    known = own_password.credentials_of(transaction, "alice")
    assert known is not None
    assert own_password.is_password_of(known, PASSWORD)
    if meanwhile == "reset":
        accounts.set_password(transaction, "alice", verifiers_of("kept in a safe"))
    elif meanwhile == "disabled":
        accounts.disable(transaction, "alice")
    else:
        accounts.delete(transaction, "alice")
    as_it_is = own_password.credentials_of(transaction, "alice")
    with pytest.raises(BadCredentials):
        own_password.change(transaction, known, verifiers_of("kept in a box"))
    assert own_password.credentials_of(transaction, "alice") == as_it_is


@pytest.mark.parametrize("behind", [1, 2])
def test_an_account_that_is_deleted_as_it_gets_a_password_is_not_found(
    transaction: Transaction, verifiers: Verifiers, database_url: str, behind: int
) -> None:
    accounts.create_member(transaction, "alice", verifiers, DOMAIN)
    transaction.commit()
    store = BlockingDatabase(database_url, "tests")

    def delete() -> None:
        store.transact(accounts.delete, "alice")

    with overtaken_transaction(database_url, behind, delete, commit=False) as tx, pytest.raises(AccountNotFound):
        accounts.set_password(tx, "alice", verifiers)


def test_who_may_not_sign_in_changes_no_password(transaction: Transaction, verifiers: Verifiers) -> None:
    accounts.create_member(transaction, "alice", verifiers, DOMAIN)
    accounts.disable(transaction, "alice")
    known = own_password.credentials_of(transaction, "alice")
    assert known is not None
    assert not own_password.is_password_of(known, PASSWORD)
    assert own_password.credentials_of(transaction, "bob") is None


def test_the_first_admin_is_made_once(transaction: Transaction, verifiers: Verifiers) -> None:
    assert not first_admin.prepare_store(transaction, DOMAIN)
    made = first_admin.create_first_admin(transaction, verifiers, DOMAIN)
    assert made is not None
    assert made.role is Role.ADMIN
    assert first_admin.prepare_store(transaction, DOMAIN)
    assert first_admin.create_first_admin(transaction, verifiers, DOMAIN) is None
    with pytest.raises(LastAdmin):
        accounts.delete(transaction, "admin")
