"""What an administrator asks for in vain, besides what the subjects refuse."""

from __future__ import annotations

from shared.errors import DomainError


class NotASignInName(DomainError):
    """No account can be meant by that name."""
