"""Errors of administration: what is refused here, besides what the subjects refuse."""

from __future__ import annotations

from shared.errors import DomainError


class NotASignInName(DomainError):
    """No account can be meant by that name."""


class HostKeysSealed(DomainError):
    """The server's SSH keys in the store were sealed with another key of the stack."""


class AccountShutOut(DomainError):
    """The account was disabled while it was signed in."""


class NotAMessageId(DomainError):
    """The message is what was asked for: neither a Message-ID nor a queue id."""


class NoAdmin(DomainError):
    """There is no enabled administrator whose name could be used."""
