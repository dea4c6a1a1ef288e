"""An operator's own access to the stack's services."""

from __future__ import annotations

import pytest

from shared.accounts.account import Role
from shared.accounts.change_account import disable_account
from shared.accounts.errors import AccountNotFound
from shared.accounts.list_app_passwords import list_app_passwords
from shared.accounts.token_sign_in import account_of_token
from shared.administration import operator_access
from shared.database.transaction import Transaction
from shared.testing.builders import an_account


def test_it_is_an_administrators_and_ends(transaction: Transaction) -> None:
    an_account(transaction, "alice")
    with pytest.raises(AccountNotFound):
        operator_access.begin(transaction, "agora wiki", ("pb", "web"))
    admins = [an_account(transaction, name, Role.ADMIN) for name in ("bea", "cai")]
    disable_account(transaction, admins[0].id)
    access = operator_access.begin(transaction, "agora wiki", ("pb", "web"))
    assert access.name == "cai"
    assert account_of_token(transaction, access.secret, "web").name == "cai"
    assert [each.protocols for each in list_app_passwords(transaction, admins[1].id)] == [("pb", "web")]
    for _ in range(2):
        operator_access.end(transaction, access)
        assert list_app_passwords(transaction, admins[1].id) == []
