"""The errors of subscribing addresses elsewhere to rooms."""

from __future__ import annotations

from shared.errors import DomainError


class ElsewhereNotTaken(DomainError):
    """The room, whose name is the message, sends its posts to nobody elsewhere."""


class TooManyElsewhere(DomainError):
    """As many addresses elsewhere are subscribed to the room, whose name is the message, as may be."""


class ElsewhereNotFound(DomainError):
    """The address, which is the message, is not subscribed to the room."""
