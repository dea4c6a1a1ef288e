"""An app password without a name finds its account, where it is good."""

from __future__ import annotations

import pytest

from shared.accounts.account import Account
from shared.accounts.add_app_password import add_app_password
from shared.accounts.change_account import disable_account
from shared.accounts.errors import AccountDisabled, BadCredentials, LockedOut, WrongProtocol
from shared.accounts.lock_out import LockOutRules
from shared.accounts.sign_in import SignIn
from shared.accounts.tests.conftest import PASSWORD
from shared.database.database import Database

HOME = "192.0.2.1"


async def test_a_token_names_its_account(sign_in: SignIn, alice: Account, database: Database) -> None:
    _, everywhere = await database.transact(add_app_password, alice.id, "laptop")
    _, for_mail = await database.transact(add_app_password, alice.id, "phone", ["imap"])
    assert await sign_in.with_token(everywhere, "proxy", HOME) == alice
    assert await sign_in.with_token(everywhere.replace("-", "").upper(), "proxy", HOME) == alice
    assert await sign_in.with_token(for_mail, "imap", HOME) == alice
    with pytest.raises(WrongProtocol):
        await sign_in.with_token(for_mail, "proxy", HOME)


async def test_what_is_no_token_is_nobodys(sign_in: SignIn, alice: Account) -> None:
    for token in ("", PASSWORD, "2" * 28, "2" * 29, "\ud800"):
        with pytest.raises(BadCredentials):
            await sign_in.with_token(token, "proxy", HOME)


async def test_a_disabled_account_has_no_tokens(sign_in: SignIn, alice: Account, database: Database) -> None:
    _, token = await database.transact(add_app_password, alice.id, "laptop")
    await database.transact(disable_account, alice.id)
    with pytest.raises(AccountDisabled):
        await sign_in.with_token(token, "proxy", HOME)


async def test_guessing_tokens_locks_the_network(sign_in: SignIn, alice: Account) -> None:
    refusals = []
    for _ in range(LockOutRules().failures_per_network + 1):
        try:
            await sign_in.with_token("2" * 28, "proxy", HOME)
        except (BadCredentials, LockedOut) as refusal:
            refusals.append(type(refusal))
    assert refusals[-1] is LockedOut
