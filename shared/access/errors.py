"""The errors of a request that may not be made, and of a rule that cannot be."""

from __future__ import annotations

from datetime import timedelta

from shared.errors import DomainError


class HostBlocked(DomainError):
    """A rule keeps this account, or everybody, from that host."""


class HostNotListed(DomainError):
    """Only what a rule allows may be reached, and none allows that host."""


class OverLimit(DomainError):
    """An account's limit is reached; `retry_after` says when it is not any more."""

    temporary = True
    retry_after: timedelta

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__()
        self.retry_after = retry_after


class TooManyRequests(OverLimit):
    """More requests a second than the account may make."""


class VolumeSpent(OverLimit):
    """The account has used the octets that it has for a day (UTC)."""


class TooManyConnections(DomainError):
    """The account has as many connections as it may."""

    temporary = True


class RuleUnusable(DomainError):
    """Neither a domain, nor an address or network, nor `*`."""


class RuleNotFound(DomainError):
    """There is no such rule."""


class RuleListNotFound(DomainError):
    """No list of that name was imported."""


class LimitNotFound(DomainError):
    """The account has no limits of its own."""
