"""A feed and its entries, and both as Atom (RFC 4287) and as RSS 2.0."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
# What XML 1.0 has no way to say (§2.2).
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class FeedEntry(NamedTuple):
    """`html` is safe HTML, or empty. `id` is the same for ever."""

    id: str
    title: str
    link: str
    author: str
    at: datetime
    html: str = ""


class SiteFeed(NamedTuple):
    """`link` is the page that it is of, `own` its own address; all are whole URLs."""

    id: str
    title: str
    link: str
    own: str
    entries: Sequence[FeedEntry]
    at: datetime  # of its newest entry


def atom(feed: SiteFeed) -> bytes:
    """The feed as Atom."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{_text(feed.id)}</id>",
        f"<title>{_text(feed.title)}</title>",
        f"<updated>{_atom_date(feed.at)}</updated>",
        f'<link rel="self" type="application/atom+xml" href={_value(feed.own)}/>',
        f'<link rel="alternate" type="text/html" href={_value(feed.link)}/>',
        *(line for entry in feed.entries for line in _atom_entry(entry)),
        "</feed>",
        "",
    ]
    return "\n".join(lines).encode()


def rss(feed: SiteFeed) -> bytes:
    """The feed as RSS 2.0."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">',
        "<channel>",
        f"<title>{_text(feed.title)}</title>",
        f"<link>{_text(feed.link)}</link>",
        f"<description>{_text(feed.title)}</description>",
        f"<lastBuildDate>{format_datetime(feed.at.astimezone(UTC))}</lastBuildDate>",
        f'<atom:link rel="self" type="application/rss+xml" href={_value(feed.own)}/>',
        *(line for entry in feed.entries for line in _rss_item(entry)),
        "</channel>",
        "</rss>",
        "",
    ]
    return "\n".join(lines).encode()


def _atom_entry(entry: FeedEntry) -> Iterator[str]:
    yield "<entry>"
    yield f"<id>{_text(entry.id)}</id>"
    yield f"<title>{_text(entry.title)}</title>"
    yield f"<updated>{_atom_date(entry.at)}</updated>"
    yield f"<author><name>{_text(entry.author)}</name></author>"
    yield f'<link rel="alternate" type="text/html" href={_value(entry.link)}/>'
    if entry.html:
        yield f'<content type="html">{_text(entry.html)}</content>'
    yield "</entry>"


def _rss_item(entry: FeedEntry) -> Iterator[str]:
    yield "<item>"
    yield f"<title>{_text(entry.title)}</title>"
    yield f"<link>{_text(entry.link)}</link>"
    yield f'<guid isPermaLink="false">{_text(entry.id)}</guid>'
    yield f"<pubDate>{format_datetime(entry.at.astimezone(UTC))}</pubDate>"
    yield f"<dc:creator>{_text(entry.author)}</dc:creator>"
    if entry.html:
        yield f"<description>{_text(entry.html)}</description>"
    yield "</item>"


def _text(text: str) -> str:
    return escape(_NO_CHARACTER.sub("\ufffd", text))


def _value(text: str) -> str:
    return quoteattr(_NO_CHARACTER.sub("\ufffd", text))


def _atom_date(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
