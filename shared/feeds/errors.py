"""What may be wrong with a feed."""

from __future__ import annotations

from shared.errors import DomainError


class NotAFeed(DomainError):
    """The document is neither RSS nor Atom nor JSON Feed."""
