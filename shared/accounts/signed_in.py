"""The sessions of each account at a kind of door: an account has a limited number, a disabled account none."""

from __future__ import annotations

from typing import Protocol


class SignedInSession(Protocol):
    """A conversation with somebody who is signed in."""

    def shut_out(self) -> None:
        """End it: its account may not be here any more."""


class SignedIn:
    """The sessions by account; each is in from `admit` to `leave`."""

    def __init__(self, most_per_account: int | None = None) -> None:
        self._most = most_per_account
        self._of_account: dict[int, set[SignedInSession]] = {}

    def admit(self, account_id: int, session: SignedInSession) -> bool:
        """Note the session; False when the account has as many as it may."""
        sessions = self._of_account.setdefault(account_id, set())
        if self._most is not None and len(sessions) >= self._most:
            return False
        sessions.add(session)
        return True

    def leave(self, account_id: int, session: SignedInSession) -> None:
        """It is over; harmless for one that was not admitted."""
        sessions = self._of_account.get(account_id)
        if sessions is not None:
            sessions.discard(session)
            if not sessions:
                del self._of_account[account_id]

    def accounts(self) -> list[int]:
        """The accounts that have sessions."""
        return list(self._of_account)

    def shut_out(self, account_id: int) -> None:
        """End every session of the account."""
        for session in list(self._of_account.get(account_id, ())):
            session.shut_out()
