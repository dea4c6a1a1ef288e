"""The line that each attempt to sign in leaves in the log."""

from __future__ import annotations

from typing import NamedTuple

from shared.accounts.account import Account
from shared.accounts.errors import (
    AccountDisabled,
    BadCredentials,
    LockedOut,
    TooManySignIns,
    UnusableName,
    WrongProtocol,
)
from shared.accounts.names import check_account_name
from shared.activity.events import SignInAttempt, SignInOutcome
from shared.activity.record import record
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.errors import DomainError, nearest

_OUTCOMES: dict[type[DomainError], SignInOutcome] = {
    BadCredentials: SignInOutcome.BAD_CREDENTIALS,
    WrongProtocol: SignInOutcome.WRONG_PROTOCOL,
    AccountDisabled: SignInOutcome.ACCOUNT_DISABLED,
    LockedOut: SignInOutcome.LOCKED_OUT,
    TooManySignIns: SignInOutcome.TOO_MANY,
    StoreUnavailable: SignInOutcome.STORE_AWAY,
    StatementTimedOut: SignInOutcome.STORE_AWAY,
}


class Way(NamedTuple):
    """How somebody tries to sign in."""

    door: str
    peer: str
    method: str

    def succeeded(self, account: Account) -> None:
        """They are in."""
        record(SignInAttempt(SignInOutcome.SIGNED_IN, self.door, self.peer, account.name, self.method))

    def failed(self, name: str, error: DomainError) -> None:
        """They are not. `name` is shown only if an account may have it: people type passwords there, too."""
        record(SignInAttempt(outcome_of(error), self.door, self.peer, _shown(name), self.method))


def outcome_of(error: DomainError) -> SignInOutcome:
    """The word for `error`, which stays the same whatever its class is called."""
    return nearest(_OUTCOMES, error, SignInOutcome.REFUSED)


def _shown(name: str) -> str:
    try:
        return check_account_name(name)
    except UnusableName:
        return ""
