"""The errors of requests, before anything is asked of the domain."""

from __future__ import annotations

from typing import ClassVar

from shared.accounts.errors import SignInFailed
from shared.errors import DomainError


class BadRequest(DomainError):
    """The message says what is wrong, in a sentence for the client."""


class BadForm(BadRequest):
    """The form cannot be read, or has not what it must have."""


class BadPath(BadRequest):
    """The path is no UTF-8, or has a character that no path has."""


class NotOneHost(BadRequest):
    """The field Host is missing, or there are several (RFC 9112 §3.2)."""


class NotHere(DomainError):
    """There is nothing at this path."""


class MethodNotHere(DomainError):
    """The path does not know the method; `allowed` are those that it knows."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        super().__init__()
        self.allowed = allowed


class UnsupportedType(DomainError):
    """The body's media type is none that is taken here; the message names those that are."""


class BodyTooLarge(DomainError):
    """The message says how large a body may be."""


class TooManyReaders(DomainError):
    """As many pages are open, with live updates, as one process or one account may have; the page works without."""

    temporary: ClassVar[bool] = True


class CrossSite(DomainError):
    """The request is signed by a cookie, and not from a form of this site, or from one of an old session."""


class PlainSignIn(DomainError):
    """A password came in the clear from an address that may not send it so."""


class NotOwnPassword(SignInFailed):
    """The password that was asked for once more is not the account's own."""


class SignInNeeded(DomainError):
    """Strangers may not do this."""


class AdminsAlone(DomainError):
    """It is for administrators."""
