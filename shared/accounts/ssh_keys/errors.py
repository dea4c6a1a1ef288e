"""The errors of changing an account's SSH keys."""

from __future__ import annotations

from shared.errors import DomainError


class UnusableSshKey(DomainError):
    """What was given as an SSH key is none that signing in takes; the text says why."""


class SshKeyExists(DomainError):
    """The account has that SSH key already."""


class SshKeyNotFound(DomainError):
    """The account has no SSH key with that number or fingerprint."""


class TooManySshKeys(DomainError):
    """The account has as many SSH keys as it may."""
