"""Reading JSON Feed, versions 1 and 1.1 (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import nh3

from shared.feeds.errors import NotAFeed
from shared.feeds.feed import Enclosure, Feed, Item
from shared.feeds.limits import MOST_CONTENT_CHARACTERS, MOST_ENCLOSURES, MOST_ITEMS, line

_VERSIONS = "https://jsonfeed.org/version/1"


def parse_json_feed(octets: bytes, url: str) -> Feed:
    """Read what was fetched from `url`. Raises NotAFeed."""
    try:
        document = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise NotAFeed from error
    if not isinstance(document, dict) or not str(document.get("version", "")).startswith(_VERSIONS):
        raise NotAFeed
    items = document.get("items")
    if not isinstance(items, list):
        items = []
    return Feed(
        title=line(document.get("title")),
        link=_address(document.get("home_page_url"), url),
        every=None,
        hub=_hub(document.get("hubs"), url),
        topic=_address(document.get("feed_url"), url),
        items=[_item(item, url) for item in items[:MOST_ITEMS] if isinstance(item, dict)],
    )


def _item(item: Mapping[str, Any], url: str) -> Item:
    identifier = item.get("id")
    html = item.get("content_html")
    text = item.get("content_text") or item.get("summary")
    return Item(
        guid=line(str(identifier) if isinstance(identifier, int | float) else identifier),
        link=_address(item.get("url") or item.get("external_url"), url),
        title=line(item.get("title")),
        author=_author(item),
        html=nh3.clean(html[:MOST_CONTENT_CHARACTERS]) if isinstance(html, str) else "",
        text="" if isinstance(html, str) or not isinstance(text, str) else text[:MOST_CONTENT_CHARACTERS],
        published=_date(item.get("date_published")),
        updated=_date(item.get("date_modified")),
        enclosures=_enclosures(item.get("attachments"), url),
    )


def _author(item: Mapping[str, Any]) -> str:
    authors = item.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return line(author.get("name")) if isinstance(author, dict) else ""


def _hub(hubs: object, url: str) -> str:
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and hub.get("type") == "WebSub":
            return _address(hub.get("url"), url)
    return ""


def _enclosures(attachments: object, url: str) -> list[Enclosure]:
    found = []
    for each in attachments[:MOST_ENCLOSURES] if isinstance(attachments, list) else ():
        address = _address(each.get("url"), url) if isinstance(each, dict) else ""
        if address:
            octets = each.get("size_in_bytes")
            found.append(Enclosure(address, line(each.get("mime_type")), octets if isinstance(octets, int) else None))
    return found


def _address(value: object, base: str) -> str:
    if not isinstance(value, str):
        return ""
    try:
        address = urljoin(base, line(value))
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) else ""


def _date(value: object) -> datetime | None:
    """RFC 3339; a date without a zone is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        date = datetime.fromisoformat(value.strip())
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
