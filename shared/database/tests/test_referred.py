"""A row that refers to one which is deleted at the same moment."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.accounts.account import Role
from shared.accounts.add_app_password import add_app_password
from shared.accounts.create_account import create_account
from shared.accounts.delete_account import delete_account
from shared.accounts.errors import AccountNotFound
from shared.accounts.verifiers import derive_verifiers
from shared.database.transaction import Transaction
from shared.mail.addresses import add_address
from shared.mail.domains import ensure_domain
from shared.mail.maildrop_lease import take_maildrop


def test_what_an_account_gets_while_it_is_deleted_is_refused_by_name(transaction: Transaction) -> None:
    create_account(transaction, "admin", Role.ADMIN, verifiers=derive_verifiers("correct horse"))
    account = create_account(transaction, "alice", Role.MEMBER, verifiers=derive_verifiers("correct horse"))
    ensure_domain(transaction, "example.test")
    delete_account(transaction, account.id)
    transaction.commit()
    for operation in (
        lambda: take_maildrop(transaction, account.id, uuid4(), uuid4()),
        lambda: add_address(transaction, account, "alice@example.test"),
        lambda: add_app_password(transaction, account.id, "phone"),
    ):
        with pytest.raises(AccountNotFound):
            operation()
        transaction.rollback()
