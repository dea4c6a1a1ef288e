"""The sorting of a feed's items: new ones, edited ones, and those that came before under another guid."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.feeds.feed import Item
from shared.feeds.identity import site_of

# An item whose text holds a counter is another at each fetch; the tenth edition stays.
MOST_EDITIONS = 10
_DIGEST_OCTETS = 16


class KnownItem(NamedTuple):
    """What the store knows of an item."""

    identity: str
    digest: bytes
    edition: int
    first_seen: datetime
    article: bytes  # the Message-ID of what it is in its room


class Sorted(NamedTuple):
    """An item, and what becomes of it."""

    item: Item
    identity: str
    likeness: bytes
    digest: bytes
    edition: int  # the one that it is now
    first_seen: datetime
    is_new: bool
    is_edited: bool
    article: bytes = b""  # the Message-ID of what it was in its room before


def likeness_of(item: Item) -> bytes:
    """The same for an item whose guid alone has changed; b"" where title and date do not tell it from others."""
    if not item.title or item.published is None:
        return b""
    return _digest(item.title, item.published.isoformat())


def digest_of(item: Item) -> bytes:
    """The same as long as nobody edits the item; dates do not count, for some feeds date everything anew."""
    return _digest(item.title, item.html, item.text, item.link, *(each.url for each in item.enclosures))


def content_of(item: Item, identity: str, feed_url: str) -> bytes:
    """The same for an item of two feeds only if all is the same that readers see of it.

    Where no author is named the article has the feed's title as its author: that of a feed at the same host will do.
    """
    author = item.author or f"\n{site_of(feed_url)}"
    published = "" if item.published is None else item.published.isoformat()
    return _digest(identity, author, published, digest_of(item).hex())


def sort_items(
    items: Sequence[Item],
    identities: Sequence[str],
    known: Mapping[str, KnownItem],
    alike: Mapping[bytes, KnownItem],
    now: datetime,
) -> list[Sorted]:
    """What becomes of each item, the oldest first, each identity once.

    `known` has those of `identities` that came before; `alike`, by likeness, those that came before at all.
    """
    present = set(identities)
    found: dict[str, Sorted] = {}
    for item, identity in zip(items, identities, strict=True):
        likeness, digest = likeness_of(item), digest_of(item)
        before = known.get(identity)
        if before is None and likeness:
            other = alike.get(likeness)
            if other is not None and other.identity not in present:
                before = other  # the same item, whose guid has changed
        if before is None:
            found.setdefault(identity, Sorted(item, identity, likeness, digest, 1, now, True, False))
            continue
        is_edited = before.identity == identity and digest != before.digest and before.edition < MOST_EDITIONS
        edition = before.edition + is_edited
        kept = digest if is_edited or before.identity != identity else before.digest
        found.setdefault(
            identity,
            Sorted(item, identity, likeness, kept, edition, before.first_seen, False, is_edited, before.article),
        )
    return sorted(found.values(), key=_age)


def _age(each: Sorted) -> float:
    date = each.item.published or each.item.updated
    return date.timestamp() if date is not None else float("inf")


def _digest(*texts: str) -> bytes:
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "replace"), digest_size=_DIGEST_OCTETS).digest()
