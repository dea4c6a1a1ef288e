"""Make an app password."""

from __future__ import annotations

from collections.abc import Collection

from shared.accounts.app_password import PROTOCOLS, AppPassword, generate_secret, secret_digest
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound, UnknownProtocol
from shared.accounts.find_account import find_account_by_id
from shared.database.referred import referring
from shared.database.transaction import Transaction


def add_app_password(
    tx: Transaction,
    account_id: int,
    label: str,
    protocols: Collection[str] = (),
    *,
    for_apop: bool = False,
) -> tuple[AppPassword, str]:
    """A new app password and its secret, which cannot be shown again.

    `protocols`: where it is good; empty: everywhere. `for_apop`: POP3's APOP works with it, too; RFC 1939 §7 then needs
    the secret itself kept in the database, and so does Perspective Broker, where `pb` is among the protocols. Announces
    AccountChanged. Raises AccountNotFound, UnknownProtocol.
    """
    for protocol in protocols:
        if protocol not in PROTOCOLS:
            raise UnknownProtocol(protocol)
    if for_apop and protocols and "pop3" not in protocols:
        raise UnknownProtocol("APOP needs pop3")
    find_account_by_id(tx, account_id)
    secret = generate_secret()
    kept = secret if for_apop or "pb" in protocols else None
    with referring(AccountNotFound):
        row = tx.row(
            "INSERT INTO credential (account_id, kind, label, protocols, password_hash, apop_secret)"
            " VALUES (%s, 'app_password', %s, %s, %s, %s) RETURNING id, created_at",
            (account_id, label, sorted(protocols), secret_digest(secret), kept),
        )
    tx.announce(AccountChanged(account_id))
    assert row is not None  # an INSERT without ON CONFLICT returns its row
    return AppPassword(row[0], label, tuple(sorted(protocols)), for_apop, row[1]), secret
