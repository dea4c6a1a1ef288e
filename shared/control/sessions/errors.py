"""The errors of looking at sessions."""

from __future__ import annotations

from shared.errors import DomainError


class SessionNotFound(DomainError):
    """No session has that name, or none that the one who asks may see."""


class NotShown(DomainError):
    """The session is of a protocol whose conversations cannot be shown."""
