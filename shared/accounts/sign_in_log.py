"""The lines that attempts to sign in leave in the log: one for each, but for what a network fails at too often."""

from __future__ import annotations

from typing import NamedTuple

from twisted.logger import Logger

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
from shared.accounts.networks import network_of
from shared.activity.events import SignInAttempt, SignInOutcome
from shared.activity.metrics import count
from shared.activity.record import record
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.clock import Clock
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


_log = Logger()
# Guesses are bounded by the lock-out, attempts of those who are locked out, or vouched for, by nothing: one connection
# to the proxy wrote thousands of lines a second. Ten show who it is, and are enough for programs such as fail2ban.
LINES_A_PERIOD = 10
PERIOD_SECONDS = 60.0
NETWORKS_OCTETS = 1 << 20  # some thousands of networks


class _Period:
    """What one network failed at in a minute."""

    __slots__ = ("ends", "lines", "unlogged")

    def __init__(self, ends: float) -> None:
        self.ends = ends
        self.lines = self.unlogged = 0


class FailureLines:
    """Where failed attempts are recorded: so many lines a minute for each network, then one that counts the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._periods: BoundedCache[str, _Period] = BoundedCache(NETWORKS_OCTETS, lambda _period: 2 * ENTRY_OCTETS)

    def record(self, attempt: SignInAttempt) -> None:
        """Count `attempt`, and write it unless it is one too many. Never waits."""
        network, now = network_of(attempt.peer), self._clock.seconds()
        period = self._periods.get(network)
        if period is None or period.ends <= now:
            self._periods.drop(network)
            period = _Period(now + PERIOD_SECONDS)
            self._periods.put(network, period)
        if period.lines < LINES_A_PERIOD:
            period.lines += 1
            record(attempt)
            return
        count([attempt])
        if not period.unlogged:
            self._clock.callLater(period.ends - now, self._write_rest, network, period)
        period.unlogged += 1

    def _write_rest(self, network: str, period: _Period) -> None:
        attempts = "attempt" if period.unlogged == 1 else "attempts"
        _log.info(
            "{count} more {attempts} to sign in from {network} failed within a minute",
            count=period.unlogged,
            attempts=attempts,
            network=network,
        )


class Way(NamedTuple):
    """How somebody tries to sign in."""

    door: str
    peer: str
    method: str
    failures: FailureLines

    def succeeded(self, account: Account) -> None:
        """They are in."""
        record(SignInAttempt(SignInOutcome.SIGNED_IN, self.door, self.peer, account.name, self.method))

    def failed(self, name: str, error: DomainError) -> None:
        """They are not. `name` is shown only if an account may have it: people type passwords there, too."""
        self.failures.record(SignInAttempt(outcome_of(error), self.door, self.peer, _shown(name), self.method))


def outcome_of(error: DomainError) -> SignInOutcome:
    """The word for `error`, which stays the same whatever its class is called."""
    return nearest(_OUTCOMES, error, SignInOutcome.REFUSED)


def _shown(name: str) -> str:
    try:
        return check_account_name(name)
    except UnusableName:
        return ""
