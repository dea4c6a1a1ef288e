"""The errors of signing in, and of changing an account."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from twisted.cred.error import UnauthorizedLogin

from shared.errors import DomainError


class AccountNotFound(DomainError):
    """No account has that name or number."""


class AccountExists(DomainError):
    """The name is taken."""


class UnusableName(DomainError):
    """The name cannot be an account's name: see `names.check_account_name`."""


class UnusableFullName(DomainError):
    """The full name is empty or too long, or has control characters; the message says which."""


class UnusablePassword(DomainError):
    """The password is empty, too long, or has characters that RFC 4013 keeps out of passwords."""


class WeakPassword(UnusablePassword):
    """The password would be guessed soon: it is short, or one of the most used ones."""


class UnknownProtocol(DomainError):
    """An app password was asked for a protocol that has no sign-in."""


class AppPasswordNotFound(DomainError):
    """The account has no app password with that number."""


class LastAdmin(DomainError):
    """The change would leave no enabled admin."""


class SignInFailed(DomainError, UnauthorizedLogin):
    """Not signed in; the subclasses say why. Also an `UnauthorizedLogin` for those who come from `twisted.cred`."""

    # Whether the attempt may have been a guess, so that lock-out counts it.
    is_guess: ClassVar[bool] = False


class BadCredentials(SignInFailed):
    """Name and proof do not belong together. Never says which of them was wrong.

    `repeated`: this very password was refused for this account minutes ago; somebody's program has an old one.
    """

    is_guess = True

    def __init__(self, repeated: bool = False) -> None:
        super().__init__()
        self.repeated = repeated


class WrongProtocol(BadCredentials):
    """A right app password, used where it is not good. Strangers get the same words as for `BadCredentials`."""

    is_guess = False


class NotMadeForApop(BadCredentials):
    """APOP was tried for an account without an app password made for it: no secret was tried, so it is no guess."""

    is_guess = False


class NotMadeForPb(BadCredentials):
    """Perspective Broker was tried for an account without an app password made for it: it is no guess."""

    is_guess = False


class UnknownKey(BadCredentials):
    """The key is none of this account's. A key cannot be guessed: programs offer all they have, so it is no guess."""

    is_guess = False


class AccountDisabled(SignInFailed):
    """The proof was right; the account may not sign in."""


class LockedOut(SignInFailed):
    """Too many failures lately, by this account from this address or by this address: not even tried."""

    temporary = True
    retry_after: timedelta

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__()
        self.retry_after = retry_after


class TooManySignIns(SignInFailed):
    """More passwords wait to be proved than this process can prove soon: not tried, not counted."""

    temporary = True


class SaslProtocolError(SignInFailed):
    """The client's response is not what the mechanism says (a programming error there, never a wrong password)."""


class NotBase64(SaslProtocolError):
    """A line of the exchange is not base64."""
