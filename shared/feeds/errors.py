"""The errors of a feed."""

from __future__ import annotations

from shared.errors import DomainError


class NotAFeed(DomainError):
    """The document is neither RSS nor Atom nor JSON Feed."""


class TooMuchWork(NotAFeed):
    """The document takes more time or memory to read than a feed may; the message says so."""


class BadFeedAddress(DomainError):
    """Not an address of the web: http or https, a host, at most 2,000 characters."""


class FeedExists(DomainError):
    """The room is filled from this address already."""


class FeedNotFound(DomainError):
    """There is no such feed."""


class FeedLost(DomainError):
    """The lease ran out while the feed was asked; another process asks it now, or it has been removed."""


class NotAnOpml(DomainError):
    """The document is not OPML; the message says why."""
