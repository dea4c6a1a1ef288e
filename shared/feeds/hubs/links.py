"""The hub and the topic that a feed names: in Link fields of the response, else in the document (WebSub §4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urljoin

from shared.feeds.feed import Feed
from shared.feeds.limits import MOST_LINE_CHARACTERS

MOST_LINK_CHARACTERS = 8 << 10  # of all Link fields of a response
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[A-Za-z*-]+\s*(?:=\s*(?:"[^"]*"|[^\s;,"]+))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


class HubLinks(NamedTuple):
    """Where a feed says that it is pushed from, and by what address; both "" where it names no hub."""

    hub: str
    topic: str


NO_HUB = HubLinks("", "")


def hub_links(feed: Feed, headers: Mapping[str, str], url: str) -> HubLinks:
    """The links of what was fetched from `url`."""
    hub, topic = feed.hub, feed.topic
    for address, relation in _links(headers.get("link", "")[:MOST_LINK_CHARACTERS]):
        if relation == "hub":
            hub = address
            break
    for address, relation in _links(headers.get("link", "")[:MOST_LINK_CHARACTERS]):
        if relation == "self":
            topic = address
            break
    hub, topic = _absolute(hub, url), _absolute(topic or url, url)
    return HubLinks(hub, topic) if hub and topic else NO_HUB


def _links(field: str) -> Iterator[tuple[str, str]]:
    """Addresses and relations (RFC 8288 §3)."""
    for address, parameters in _LINK.findall(field):
        for quoted, bare in _REL.findall(parameters)[:1]:
            for relation in (quoted or bare).lower().split():
                yield address, relation


def _absolute(address: str, base: str) -> str:
    if not address:
        return ""
    try:
        whole = urljoin(base, address)
    except ValueError:
        return ""
    fits = whole.startswith(("http://", "https://")) and len(whole) <= MOST_LINE_CHARACTERS
    return whole if fits and whole.isprintable() and " " not in whole else ""
