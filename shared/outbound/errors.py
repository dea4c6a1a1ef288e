"""The errors of sending mail to other servers."""

from __future__ import annotations

from shared.errors import DomainError


class SendingHeld(DomainError):
    """The account has sent as much as one hour allows, and sends nothing until an administrator releases it."""

    temporary = True


class NotQueued(DomainError):
    """No message in the queue has this id, and no account on hold this name."""


class TooManyQuestions(DomainError):
    """The address, the network that asks, or this server has asked for as many confirmations as it may for now."""

    temporary = True
