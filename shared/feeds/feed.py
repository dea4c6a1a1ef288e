"""A feed and its items, whichever format they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that an item points to; media type "" and `octets` None where the feed does not say."""

    url: str
    media_type: str
    octets: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed. Texts are "" and dates None where the feed does not say; `html` is not to be trusted."""

    guid: str  # as the feed gives it: RSS guid, Atom id, JSON Feed id
    link: str  # absolute
    title: str  # plain text
    author: str  # a name, without an address
    html: str
    text: str  # only where the feed has plain text and no HTML
    published: datetime | None  # aware, UTC
    updated: datetime | None
    enclosures: Sequence[Enclosure] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as of one moment. Usually, but not always, its newest items come first."""

    title: str
    link: str
    every: timedelta | None  # the interval at which it wants to be polled at most (RSS ttl, sy:updatePeriod)
    hub: str  # WebSub's hub, or ""
    topic: str  # the feed's own address as WebSub knows it, or ""
    items: Sequence[Item]
