"""Sign-in by token: an app password that comes without a name, as a Bearer token (RFC 6750 §2.1)."""

from __future__ import annotations

from shared.accounts.account import COLUMNS, Account, account_and_rest
from shared.accounts.app_password import secret_digest
from shared.accounts.errors import AccountDisabled, BadCredentials, WrongProtocol
from shared.database.transaction import Transaction


def account_of_token(tx: Transaction, token: str, protocol: str) -> Account:
    """The account that has this app password; its 140 random bits name it as well as prove it.

    The store is asked for a digest, so that how long it looks says nothing about other secrets.
    Raises BadCredentials, WrongProtocol, AccountDisabled.
    """
    digest = secret_digest(token)
    if digest is None:
        raise BadCredentials
    row = tx.row(
        f"SELECT {COLUMNS}, credential.protocols FROM credential JOIN account ON account.id = credential.account_id"
        " WHERE credential.kind = 'app_password' AND credential.password_hash = %s",
        (digest,),
    )
    if row is None:
        raise BadCredentials
    account, (protocols,) = account_and_rest(row)
    if protocols and protocol not in protocols:
        raise WrongProtocol
    if not account.enabled:
        raise AccountDisabled
    return account
