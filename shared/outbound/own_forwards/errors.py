"""The errors of members' own forwards."""

from __future__ import annotations

from shared.errors import DomainError


class GuestHasNoMail(DomainError):
    """The account, whose name is the message, is a guest's: no mail comes for it."""


class TooManyOwnForwards(DomainError):
    """The account has as many forwards as it may have, which is the message."""


class ForwardNotAsked(DomainError):
    """No forward waits to be confirmed by this token: it was confirmed, was deleted, or waited too long."""
