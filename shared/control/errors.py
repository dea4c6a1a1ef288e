"""The errors of service control."""

from __future__ import annotations

from shared.errors import DomainError


class ListenerNotFound(DomainError):
    """There is no service or listener of that name."""


class ListenerHeld(DomainError):
    """The listener's socket is not ours to close; the text says which and why."""


class OwnListener(DomainError):
    """The administrator who asks came by that listener."""


class LastWayIn(DomainError):
    """No listener would be left by which an administrator could start the others."""


class ServiceNotRunning(DomainError):
    """No process of the service is seen."""


class NotStartedAgain(DomainError):
    """Nothing would start the service again if its processes ended."""
