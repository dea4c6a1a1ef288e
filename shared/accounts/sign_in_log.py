"""The lines that attempts to sign in leave in the log: one for each, but for what a network fails at too often."""

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
from shared.activity.metrics import count
from shared.activity.network_lines import NetworkLines
from shared.activity.record import record
from shared.clock import Clock
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.errors import DomainError, nearest
from shared.ip_network import network_of

_OUTCOMES: dict[type[DomainError], SignInOutcome] = {
    BadCredentials: SignInOutcome.BAD_CREDENTIALS,
    WrongProtocol: SignInOutcome.WRONG_PROTOCOL,
    AccountDisabled: SignInOutcome.ACCOUNT_DISABLED,
    LockedOut: SignInOutcome.LOCKED_OUT,
    TooManySignIns: SignInOutcome.TOO_MANY,
    StoreUnavailable: SignInOutcome.STORE_AWAY,
    StatementTimedOut: SignInOutcome.STORE_AWAY,
}


# Guesses are bounded by the lock-out; attempts of those who are locked out, or vouched for, by nothing. Ten lines show
# who it is, and are enough for programs such as fail2ban.
LINES_A_MINUTE = 10


class FailureLines:
    """Where failed attempts are recorded: so many lines a minute for each network, then one that counts the others."""

    def __init__(self, clock: Clock) -> None:
        self._lines = NetworkLines(clock, LINES_A_MINUTE, "failed attempts to sign in")

    def record(self, attempt: SignInAttempt) -> None:
        """Count `attempt`, and write it unless it is one too many. Never waits."""
        if self._lines.takes(network_of(attempt.peer)):
            record(attempt)
        else:
            count([attempt])


class Way(NamedTuple):
    """The way of an attempt to sign in: its door, its client's address, its method."""

    door: str
    peer: str
    method: str
    failures: FailureLines

    def succeeded(self, account: Account) -> None:
        """Record that the attempt has succeeded."""
        record(SignInAttempt(SignInOutcome.SIGNED_IN, self.door, self.peer, account.name, self.method))

    def failed(self, name: str, error: DomainError) -> None:
        """Record that it has failed; `name` is shown if an account may have it: people type passwords there, too."""
        self.failures.record(SignInAttempt(outcome_of(error), self.door, self.peer, _shown(name), self.method))


def outcome_of(error: DomainError) -> SignInOutcome:
    """The word for `error`, which stays the same whatever its class is called."""
    return nearest(_OUTCOMES, error, SignInOutcome.REFUSED)


def _shown(name: str) -> str:
    try:
        return check_account_name(name)
    except UnusableName:
        return ""
