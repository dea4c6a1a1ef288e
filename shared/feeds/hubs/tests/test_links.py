"""The hub and the topic of a feed: Link fields go before the document, and what is no address is none."""

from __future__ import annotations

import pytest

from shared.feeds.feed import Feed
from shared.feeds.hubs.links import NO_HUB, HubLinks, hub_links
from shared.feeds.parse import parse_feed

URL = "https://beans.example/feed.xml"
BOTH = HubLinks("https://hub.example/", "https://beans.example/all")


def a_feed(hub: str = "", topic: str = "") -> Feed:
    return Feed("Beans", "", None, hub, topic, ())


@pytest.mark.parametrize(
    ("feed", "link", "links"),
    [
        (a_feed(), "", NO_HUB),
        (a_feed("", "https://beans.example/all"), "", NO_HUB),
        (a_feed("https://hub.example/", "https://beans.example/all"), "", BOTH),
        (a_feed("https://hub.example/"), "", HubLinks("https://hub.example/", URL)),
        (a_feed("/hub", "all"), "", HubLinks("https://beans.example/hub", "https://beans.example/all")),
        (a_feed(), '<https://hub.example/>; rel="hub", <https://beans.example/all>; rel="self"', BOTH),
        (a_feed("https://other.example/", "x"), "<https://hub.example/>;rel=hub, </all>; title=a; rel=self", BOTH),
        (a_feed("", "all"), '<https://hub.example/>; rel="alternate HUB"; x', BOTH),
        (a_feed(), "<https://hub.example/>; rel=next", NO_HUB),
        (a_feed("javascript:alert(1)"), "", NO_HUB),
        (a_feed("https://hub.example/ a"), "", NO_HUB),
        (a_feed("https://hub.example/" + "a" * 2000), "", NO_HUB),
        (a_feed(), "<" * 100_000 + ";rel=hub" * 100_000, NO_HUB),
    ],
)
def test_links_of_fields_and_documents(feed: Feed, link: str, links: HubLinks) -> None:
    assert hub_links(feed, {"link": link}, URL) == links


def test_links_are_found_in_documents() -> None:
    octets = (
        b"<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Beans</title>"
        b"<atom:link rel='hub' href='https://hub.example/'/>"
        b"<atom:link rel='self' href='https://beans.example/all'/></channel></rss>"
    )
    assert hub_links(parse_feed(octets, "text/xml", URL), {}, URL) == BOTH
    octets = (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "Beans", "feed_url": "https://beans.example/all",'
        b' "hubs": [{"type": "rssCloud", "url": "https://no.example/"},'
        b' {"type": "WebSub", "url": "https://hub.example/"}], "items": []}'
    )
    assert hub_links(parse_feed(octets, "application/json", URL), {}, URL) == BOTH
