"""Large feeds are parsed in a process of their own, within limits of time and memory."""

from __future__ import annotations

import time
from typing import Any

import pytest
from twisted.internet.defer import Deferred, DeferredList

from shared.feeds.errors import NotAFeed, TooMuchWork
from shared.feeds.limits import MOST_ITEMS
from shared.feeds.parse import parse_feed
from shared.feeds.parse_apart import SMALL_OCTETS, FeedParser
from shared.testing.reactor import running_reactor

URL = "http://feeds.example/feed.xml"
HEAD = b"<rss version='2.0'><channel><title>T\xc3\xa9</title>"
ITEM = b"<item><guid>%d</guid><title>One</title><pubDate>Sun, 01 Nov 2026 10:00:00 GMT</pubDate>"
ITEM += b"<enclosure url='http://a.example/b' length='7'/><description>&lt;b&gt;text&lt;/b&gt;</description></item>"
END = b"</channel></rss>"


def a_feed(octets: int) -> bytes:
    return HEAD + b"".join(ITEM % number for number in range(octets // len(ITEM) + 1)) + END


@pytest.mark.parametrize("octets", [1000, SMALL_OCTETS + 1])
async def test_a_feed_is_the_same_however_large(octets: int) -> None:
    document = a_feed(octets)
    assert await FeedParser(running_reactor()).parse(document, "", URL) == parse_feed(document, "", URL)


@pytest.mark.parametrize("octets", [1000, SMALL_OCTETS + 1])
async def test_what_is_no_feed_is_refused_however_large(octets: int) -> None:
    with pytest.raises(NotAFeed) as refused:
        await FeedParser(running_reactor()).parse(b"x" * octets, "text/plain", URL)
    assert type(refused.value) is NotAFeed


ATTRIBUTES = HEAD + b"<item " + b" ".join(b'a%d=""' % number for number in range(100_000)) + b"/>" + END  # for 60 s
NESTED = HEAD + b"<a>" * 700_000  # for 500 MiB
STYLE = (
    HEAD + b"<item><description>&lt;p style='" + b"a:b;" * 2_500_000 + b"'&gt;</description></item>" + END
)  # 1.7 GiB


@pytest.mark.parametrize("document", [ATTRIBUTES, NESTED, STYLE], ids=["attributes", "nested", "style"])
async def test_a_document_that_takes_too_much_is_given_up(document: bytes) -> None:
    parser = FeedParser(running_reactor(), cpu_seconds=2)
    with pytest.raises(TooMuchWork):
        await parser.parse(document, "application/xml", URL)
    assert (await parser.parse(a_feed(SMALL_OCTETS), "", URL)).items  # others are read as before


RSS = b"<item><guid>%d</guid><title>Item %d</title><description>text of it</description></item>"
ATOM = b"<a:entry><a:id>tag:x,2026:%d</a:id><a:title>Item %d</a:title></a:entry>"
LONG = {
    "rss": (b"<rss version='2.0'><channel><title>T</title>", RSS, b"<link>http://a.example/</link></channel></rss>"),
    "atom": (b"<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>T</a:title>", ATOM,
             b"<a:link href='http://a.example/'/></a:feed>"),
}  # fmt: skip


@pytest.mark.parametrize("kind", LONG)
async def test_a_feed_of_a_hundred_thousand_items_takes_seconds_and_has_its_first(kind: str) -> None:
    head, item, end = LONG[kind]
    document = head + b"".join(item % (number, number) for number in range(100_000)) + end
    feed = await FeedParser(running_reactor(), cpu_seconds=20, seconds=600).parse(document, "application/xml", URL)
    assert [each.title for each in feed.items] == [f"Item {number}" for number in range(MOST_ITEMS)]
    assert (feed.title, feed.link) == ("T", "http://a.example/")


async def test_nobody_waits_longer_than_the_lease_of_a_feed() -> None:
    parser = FeedParser(running_reactor(), seconds=1)
    waits = [Deferred.fromCoroutine(parser.parse(NESTED, "application/xml", URL)) for _ in range(40)]
    begun = time.monotonic()
    results: Any = await DeferredList(waits, consumeErrors=True)
    assert [type(failure.value) for _, failure in results] == [TooMuchWork] * 40
    assert time.monotonic() - begun < 20  # one after the other they would take forty
