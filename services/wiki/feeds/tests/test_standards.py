"""Feeds keep to RFC 4287 (Atom) and to RSS 2.0, whatever is in them, and our own reader of feeds reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from services.wiki.tests.lived_in import BLOG_TITLE, ROOM, live_in
from services.wiki.tests.web import Web
from shared.feeds.parse import parse_feed
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted

ATOM = "{http://www.w3.org/2005/Atom}"
DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
PLACES = (f"/rooms/{ROOM}", "/blog", "/feeds/changes", "/rooms/local.empty", "/rooms/local.odd")
ODD = ("<a{b}|c%d#e\\f^`@x.example>", '<"two words"@x.example>', "<plain.1$2+3@x.example>")  # Message-IDs
_ATOM_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:([!#$&-;=?-\[\]_a-z~]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])+")


@pytest.fixture
def told(web: Web) -> Web:
    """A site with much to tell, an empty room, and one whose messages have odd names."""
    an_open_room(web.transaction, "local.empty")
    odd = an_open_room(web.transaction, "local.odd")
    posted(web.transaction, *(a_post(odd, octets=an_article("odd \x01 &", identifier=each)) for each in ODD))
    web.transaction.commit()
    live_in(web)
    return web


def fetched(web: Web, path: str) -> Any:
    """The document, parsed by a parser that forgives nothing."""
    got = web.script().get(path)
    assert got.status == 200
    parser = etree.XMLParser(recover=False, resolve_entities=False, no_network=True)
    return etree.fromstring(got.body, parser)


def one(parent: Any, name: str) -> Any:
    found = parent.findall(name)
    assert len(found) == 1, (name, len(found))
    return found[0]


@pytest.mark.parametrize("place", PLACES)
def test_atom_keeps_to_its_standard(told: Web, place: str) -> None:
    feed = fetched(told, f"{place}/atom")
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):
        assert _IRI.fullmatch(one(element, f"{ATOM}id").text), element.findtext(f"{ATOM}id")
        assert one(element, f"{ATOM}title").text
        assert one(element, f"{ATOM}title").get("type", "text") == "text"
        updated = one(element, f"{ATOM}updated").text
        assert _ATOM_DATE.fullmatch(updated)
        datetime.fromisoformat(updated)
        links = [(link.get("rel", "alternate"), link.get("type")) for link in element.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
        assert all(_IRI.fullmatch(link.get("href")) for link in element.findall(f"{ATOM}link"))
    for entry in entries:  # the feed has no author of its own (§4.1.1)
        assert one(one(entry, f"{ATOM}author"), f"{ATOM}name").text
        assert len(entry.findall(f"{ATOM}content")) <= 1
        for content in entry.findall(f"{ATOM}content"):
            assert content.get("type") == "html"
            assert not len(content)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    own = [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert [urlsplit(each).path for each in own] == [f"{place}/atom"]


@pytest.mark.parametrize("place", PLACES)
def test_rss_keeps_to_its_standard(told: Web, place: str) -> None:
    root = fetched(told, f"{place}/rss")
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    channel = one(root, "channel")
    for name in ("title", "link", "description"):
        assert one(channel, name).text
    items = channel.findall("item")
    for item in items:
        assert one(item, "title").text
        assert _IRI.fullmatch(one(item, "link").text)
        guid = one(item, "guid")
        assert guid.get("isPermaLink") == "false" or _IRI.fullmatch(guid.text)
        assert len(item.findall("description")) <= 1
        assert one(item, f"{DUBLIN_CORE}creator").text
    for date in _dates(channel):
        assert parsedate_to_datetime(date).tzinfo is not None
    guids = [item.findtext("guid") for item in items]
    assert len(guids) == len(set(guids))


def _dates(channel: Any) -> Iterator[str]:
    for name in ("lastBuildDate", "item/pubDate"):
        yield from (element.text for element in channel.findall(name))


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_our_own_reader_of_feeds_reads_them(told: Web, kind: str) -> None:
    address = f"http://127.0.0.1:{told.port}/blog/{kind}"
    got = told.script().get(f"/blog/{kind}")
    feed = parse_feed(got.body, got.fields["content-type"], address)
    assert BLOG_TITLE in [item.title for item in feed.items]
    assert {item.author for item in feed.items} >= {"Alice Fern", "Bob Fern"}
    assert all((item.published or item.updated) and item.link and item.guid for item in feed.items)
