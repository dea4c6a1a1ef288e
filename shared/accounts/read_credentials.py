"""Everything that signing in needs to know of an account, in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.accounts.account import COLUMNS, Account, account_and_rest
from shared.accounts.names import SignInName
from shared.accounts.scram import ScramVerifier
from shared.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Credential:
    """One stored way to prove to be an account. `protocols` empty: good for all."""

    id: int
    protocols: Sequence[str]
    password_hash: str
    scram: ScramVerifier | None
    apop_secret: str | None

    def good_for(self, protocol: str) -> bool:
        return not self.protocols or protocol in self.protocols


@dataclass(frozen=True, slots=True)
class Known:
    """An account and all that proves to be it."""

    account: Account
    password: Credential | None
    app_passwords: Sequence[Credential]


# A LEFT JOIN, because an account without credentials is still there to be found disabled or not.
_BY_NAME = (
    f"SELECT {COLUMNS}, credential.kind, credential.id, credential.protocols, credential.password_hash,"
    " credential.scram_salt, credential.scram_iterations, credential.scram_stored_key, credential.scram_server_key,"
    " credential.apop_secret"
    " FROM account LEFT JOIN credential ON credential.account_id = account.id"
    " WHERE account.name = %s"
)
_AT_DOMAIN = _BY_NAME + " AND EXISTS (SELECT FROM domain WHERE domain.name = %s)"


def read_credentials(tx: Transaction, name: SignInName) -> Known | None:
    """The account that is meant by `name`; None if there is none, or the domain is not one of ours."""
    if name.domain is None:
        rows = tx.rows(_BY_NAME, (name.account,))
    else:
        rows = tx.rows(_AT_DOMAIN, (name.account, name.domain))
    if not rows:
        return None
    password, app_passwords = None, []
    for row in rows:
        account, (kind, number, protocols, password_hash, *scram, apop_secret) = account_and_rest(row)
        if kind is None:
            continue
        verifier = None if scram[0] is None else ScramVerifier(*scram)
        credential = Credential(number, protocols, password_hash, verifier, apop_secret)
        if kind == "password":
            password = credential
        else:
            app_passwords.append(credential)
    return Known(account, password, app_passwords)


def read_installation_secret(tx: Transaction) -> bytes:
    """The secret from which the salts of names without account are made; it never changes."""
    octets: bytes = tx.value("SELECT octets FROM installation_secret")
    return octets
