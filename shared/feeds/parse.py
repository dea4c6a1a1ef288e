"""Reading a feed: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0 by feedparser, JSON Feed by json_feed.py."""

from __future__ import annotations

import codecs
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from html import unescape
from time import struct_time
from typing import Any

import feedparser

from shared.feeds.cut_items import cut_items
from shared.feeds.errors import NotAFeed
from shared.feeds.feed import Enclosure, Feed, Item
from shared.feeds.html_to_text import html_to_text
from shared.feeds.json_feed import parse_json_feed
from shared.feeds.limits import MOST_CONTENT_CHARACTERS, MOST_ENCLOSURES, MOST_ITEMS, MOST_LINE_CHARACTERS, line

_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]{0,1000}(\[)?", re.IGNORECASE)
_ADDRESS_AND_NAME = re.compile(r"[^\s@()]+@[^\s@()]+ \(([^()]+)\)")
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 30, "yearly": 24 * 365}
_MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
          (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def parse_feed(octets: bytes, content_type: str, url: str) -> Feed:
    """Read what was fetched from `url`. Raises NotAFeed.

    Takes up to some seconds for the largest documents: call it in a thread.
    """
    head = octets[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return parse_json_feed(octets, url)
    octets, content_type = _harmless(octets, content_type)
    headers = {"content-type": content_type, "content-location": url}
    try:
        parsed = feedparser.parse(
            cut_items(octets), response_headers=headers, resolve_relative_uris=True, sanitize_html=True
        )
    except Exception as error:  # feedparser does not catch the errors of its parsers in a broken document
        raise NotAFeed from error
    if not parsed.get("version"):
        raise NotAFeed
    return Feed(
        title=line(parsed.feed.get("title")),
        link=line(parsed.feed.get("link")),
        every=_every(parsed.feed),
        hub=_relation(parsed.feed, "hub"),
        topic=_relation(parsed.feed, "self"),
        items=[_item(entry, url) for entry in parsed.entries[:MOST_ITEMS]],
    )


def _harmless(octets: bytes, content_type: str) -> tuple[bytes, str]:
    """The document without its document type, which may declare entities that grow, or that name files."""
    for mark, encoding in _MARKS:
        if octets.startswith(mark):
            octets, content_type = octets.decode(encoding, "replace").encode(), "application/xml; charset=utf-8"
            break
    doctype = _DOCTYPE.search(octets, 0, 64 << 10)
    if doctype is None:
        return octets, content_type
    end = octets.find(b"]", doctype.end()) if doctype[1] else doctype.end()
    end = octets.find(b">", end) if end >= 0 else -1
    if end < 0:
        raise NotAFeed
    return octets[: doctype.start()] + octets[end + 1 :], content_type


def _item(entry: Mapping[str, Any], url: str) -> Item:
    link = line(entry.get("link"))
    guid = line(entry.get("id"))
    if entry.get("guidislink") and guid == link:  # feedparser has made a URL of a guid, which need not be one
        guid = link = _guid_that_is_a_link(guid, url)
    html, text = _content(entry)
    return Item(
        guid=guid,
        link=link if link.startswith(("http://", "https://")) else "",
        title=_plain(entry.get("title_detail"), entry.get("title")),
        author=_author(entry),
        html=html,
        text=text,
        published=_date(entry, "published_parsed") or _date(entry, "created_parsed"),
        updated=_date(entry, "updated_parsed"),
        enclosures=_enclosures(entry.get("enclosures") or ()),
    )


def _guid_that_is_a_link(guid: str, url: str) -> str:
    """An RSS guid is a link unless it says otherwise; "N/A" made absolute is still no link."""
    base = url.rpartition("/")[0] + "/"
    rest = guid.removeprefix(base)
    return rest if rest != guid and rest.strip("/-. ").lower() in {"", "n/a", "na", "none", "null"} else guid


def _content(entry: Mapping[str, Any]) -> tuple[str, str]:
    """HTML and plain text, of which one is empty: the longest of what the item has."""
    contents = [*(entry.get("content") or ()), entry.get("summary_detail") or {}]
    best = max(contents, key=lambda each: len(each.get("value") or ""))
    value = str(best.get("value") or "")[:MOST_CONTENT_CHARACTERS]
    return ("", value) if best.get("type") == "text/plain" else (value, "")


def _plain(detail: Mapping[str, Any] | None, value: object) -> str:
    if detail and detail.get("type") in {"text/html", "application/xhtml+xml"} and isinstance(value, str):
        return line(html_to_text(value[:MOST_LINE_CHARACTERS]))
    return line(unescape(value[:MOST_LINE_CHARACTERS])) if isinstance(value, str) else ""


def _author(entry: Mapping[str, Any]) -> str:
    author = line(entry.get("author"))
    if named := _ADDRESS_AND_NAME.fullmatch(author):  # RSS 2.0; feedparser cuts long top-level domains in two
        return named[1]
    return line((entry.get("author_detail") or {}).get("name")) or author


def _enclosures(entries: Iterable[Mapping[str, Any]]) -> list[Enclosure]:
    found = []
    for entry in entries:
        url = line(entry.get("href"))
        if url.startswith(("http://", "https://")):
            length = str(entry.get("length") or "")
            octets = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
            found.append(Enclosure(url, line(entry.get("type")), octets))
        if len(found) == MOST_ENCLOSURES:
            break
    return found


def _date(entry: Mapping[str, Any], name: str) -> datetime | None:
    parsed = entry.get(name) if name in entry else None
    if not isinstance(parsed, struct_time):
        return None
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _every(feed: Mapping[str, Any]) -> timedelta | None:
    ttl = str(feed.get("ttl") or "").strip()
    if ttl.isascii() and ttl.isdigit() and len(ttl) < 7:
        return timedelta(minutes=int(ttl))
    hours = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    times = str(feed.get("sy_updatefrequency") or "1").strip()
    if hours is None or not (times.isascii() and times.isdigit() and int(times[:6]) > 0):
        return None
    return timedelta(hours=hours) / int(times[:6])


def _relation(feed: Mapping[str, Any], name: str) -> str:
    for link in feed.get("links") or ():
        if link.get("rel") == name:
            return line(link.get("href"))
    return ""
