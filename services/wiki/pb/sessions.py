"""The connections of accounts that have signed in by Perspective Broker.

A perspective has the methods of the role that its account had; who has another role now signs in again.
"""

from __future__ import annotations

from services.wiki.pb.connection import PbConnection
from shared.accounts.account import Account, Role
from shared.accounts.signed_in import SignedIn


class PbSessions:
    """Those of one process: a Revocable (shared/accounts/revocation.py)."""

    def __init__(self, most_per_account: int | None) -> None:
        self._signed_in = SignedIn(most_per_account)
        self._roles: dict[int, Role] = {}

    def admit(self, account: Account, connection: PbConnection) -> bool:
        """Note the connection; False when the account has as many as it may."""
        if not self._signed_in.admit(account.id, connection):
            return False
        self._roles[account.id] = account.role
        return True

    def leave(self, account: Account, connection: PbConnection) -> None:
        """It is over."""
        self._signed_in.leave(account.id, connection)
        if account.id not in self._signed_in.accounts():
            self._roles.pop(account.id, None)

    def accounts(self) -> list[int]:
        """The accounts that have connections."""
        return self._signed_in.accounts()

    def shut_out(self, account_id: int) -> None:
        """End every connection of the account."""
        self._signed_in.shut_out(account_id)

    def may_stay(self, account: Account) -> bool:
        """Whether the account may be here, and has the role that it had."""
        return account.enabled and self._roles.get(account.id) in (None, account.role)
