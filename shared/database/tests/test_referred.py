"""A row that refers to one which is deleted at the same moment."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.accounts.account import Role
from shared.accounts.add_app_password import add_app_password
from shared.accounts.delete_account import delete_account
from shared.accounts.errors import AccountNotFound
from shared.database.transaction import Transaction
from shared.mail.addresses import add_address
from shared.mail.domains import ensure_domain
from shared.mail.maildrop_lease import take_maildrop
from shared.testing.builders import an_account, verifiers_of


def test_what_an_account_gets_while_it_is_deleted_is_refused_by_name(transaction: Transaction) -> None:
    an_account(transaction, "admin", Role.ADMIN, verifiers=verifiers_of("correct horse"))
    account = an_account(transaction, "alice", verifiers=verifiers_of("correct horse"))
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
