"""Errors of administration: what is refused here, besides what the subjects refuse."""

from __future__ import annotations

from shared.errors import DomainError


class NotASignInName(DomainError):
    """No account can be meant by that name."""
