"""The full name of an account, and the realm's two kinds of members."""

from __future__ import annotations

import pytest

from shared.accounts.account import IAccount, IMember, INewMember
from shared.accounts.errors import AccountNotFound, UnusableFullName
from shared.accounts.find_account import find_account
from shared.accounts.full_name import check_full_name, set_full_name
from shared.accounts.realm import AccountRealm, NewMember
from shared.database.transaction import Transaction
from shared.testing.builders import an_account


@pytest.mark.parametrize("name", ["Abe Fettig", "李雷", "سميرة", "José", "क\u200dष"])
def test_names_in_any_script_are_kept(name: str) -> None:
    assert check_full_name(f"  {name} ") == name


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\x00", "a\u2028b", "\u202eevil", "x" * 201, "x" * 10_000])
def test_names_that_would_trick_readers_are_refused(name: str) -> None:
    with pytest.raises(UnusableFullName):
        check_full_name(name)


def test_the_realm_gives_a_new_member_until_the_name_is_told(transaction: Transaction) -> None:
    account = an_account(transaction, "abe")
    kind, avatar, _ = AccountRealm().requestAvatar(account, None, INewMember, IMember)
    assert kind is INewMember
    assert isinstance(avatar, NewMember)
    avatar.set_full_name(transaction, "Abe Fettig")
    account = find_account(transaction, "abe")
    assert account.full_name == account.shown_name == "Abe Fettig"
    assert AccountRealm().requestAvatar(account, None, INewMember, IMember)[:2] == (IMember, account)
    assert AccountRealm().requestAvatar(account, None, IAccount)[:2] == (IAccount, account)


def test_a_new_member_is_let_in_where_no_name_is_asked_for(transaction: Transaction) -> None:
    account = an_account(transaction, "abe")
    assert AccountRealm().requestAvatar(account, None, IAccount)[:2] == (IAccount, account)
    assert account.shown_name == "abe"


def test_no_account_no_name(transaction: Transaction) -> None:
    with pytest.raises(AccountNotFound):
        set_full_name(transaction, 99, "Nobody")
