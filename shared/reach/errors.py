"""The errors of connecting to a host."""

from __future__ import annotations

from shared.errors import DomainError


class HostUnusable(DomainError):
    """Neither a host's name nor an address; also what some resolvers would take for an address (`0177.1`)."""


class HostNotFound(DomainError):
    """The name has no address."""


class NamesUnavailable(DomainError):
    """No resolver could be asked for the name's addresses, or none answered in time."""

    temporary = True


class DestinationRefused(DomainError):
    """No address of that host may be reached: they are loopback, private, link-local, metadata."""


class HostUnreachable(DomainError):
    """No address of the host accepts connections."""

    temporary = True


class ConnectTimedOut(DomainError):
    """No address of the host accepted a connection in time."""

    temporary = True
