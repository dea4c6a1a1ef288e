"""The errors of subscribing to rooms by mail."""

from __future__ import annotations

from shared.errors import DomainError


class SubscriberNotLocal(DomainError):
    """The address, which is the message, is on another server."""


class MayNotSubscribe(DomainError):
    """The account, whose name is the message, is a guest's, which receives no mail."""


class NotSubscribed(DomainError):
    """The account, whose name is the message, is not subscribed to the room by mail."""


class RequestNotFound(DomainError):
    """No such request waits to be confirmed; the message is its token."""
