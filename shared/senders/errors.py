"""The errors of a rule about senders."""

from __future__ import annotations

from shared.errors import DomainError


class SenderRuleUnusable(DomainError):
    """Neither an address, nor a domain behind an `@`, nor a network."""


class SenderRuleNotFound(DomainError):
    """There is no such rule about senders."""
