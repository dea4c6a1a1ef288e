"""The identity of an item, and the Message-ID of its article: the same on every copy, today and next year.

A guid may be copied by anybody, so a Message-ID depends on the feed's address, too: no feed can take that of another
feed's item.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from shared.feeds.feed import Item

_DIGEST_OCTETS = 20
_NOTHING = frozenset({"", "n/a", "na", "none", "null", "nil", "undefined", "0", "-"})
# What is the same everywhere; anything else ("1234") is a number within its own site.
_UNIVERSAL = re.compile(r"(?:https?://|tag:|urn:)", re.IGNORECASE)


def identities(items: Sequence[Item], feed_url: str) -> list[str]:
    """An identity for each of a feed's items, in their order.

    The guid; the link, if there is no guid or several items share it; title, link and the beginning of the text, if
    that does not tell them apart either. An address counts without its scheme, so that a site that moves to https does
    not send all its items again.
    """
    guids = Counter(_normal(item.guid) for item in items)
    links = Counter(_normal(item.link) for item in items)
    return [_digest(_source(item, guids, links, feed_url)) for item in items]


def message_id(identity: str, feed_url: str, edition: int, host: str) -> str:
    """The Message-ID of the feed's own article, with its angle brackets; an item that was edited has another one."""
    own = _digest(f"{_normal(feed_url)}\n{identity}")
    return f"<{own}@{host}>" if edition == 1 else f"<{own}.{edition}@{host}>"


def _source(item: Item, guids: Counter[str], links: Counter[str], feed_url: str) -> str:
    guid, link = _normal(item.guid), _normal(item.link)
    if guid and guids[guid] == 1:
        return guid if _UNIVERSAL.match(item.guid) else f"{site_of(item.link or feed_url)} {guid}"
    if link and links[link] == 1:
        return link
    return "\n".join((site_of(feed_url), item.title, link, (item.text or item.html)[:500]))


def _normal(address: str) -> str:
    text = address.strip()
    if text.lower() in _NOTHING:
        return ""
    return re.sub(r"^https?://", "", text, flags=re.IGNORECASE).removesuffix("/")


def site_of(url: str) -> str:
    """The host in an address; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _digest(source: str) -> str:
    return hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=_DIGEST_OCTETS).hexdigest()
