"""The identity of an item: the Message-ID that it has in every room, on every copy, today and next year."""

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


def message_id(identity: str, edition: int, host: str) -> str:
    """The Message-ID with its angle brackets; an item that was edited has another one."""
    return f"<{identity}@{host}>" if edition == 1 else f"<{identity}.{edition}@{host}>"


def _source(item: Item, guids: Counter[str], links: Counter[str], feed_url: str) -> str:
    guid, link = _normal(item.guid), _normal(item.link)
    if guid and guids[guid] == 1:
        return guid if _UNIVERSAL.match(item.guid) else f"{_site(item.link or feed_url)} {guid}"
    if link and links[link] == 1:
        return link
    return "\n".join((_site(feed_url), item.title, link, (item.text or item.html)[:500]))


def _normal(address: str) -> str:
    text = address.strip()
    if text.lower() in _NOTHING:
        return ""
    return re.sub(r"^https?://", "", text, flags=re.IGNORECASE).removesuffix("/")


def _site(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _digest(source: str) -> str:
    return hashlib.blake2b(source.encode("utf-8", "replace"), digest_size=_DIGEST_OCTETS).hexdigest()
