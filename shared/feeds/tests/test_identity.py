"""The same item has the same identity, and different items have different ones, whatever a feed's guids are worth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.feeds.identity import identities, message_id
from shared.feeds.parse import parse_feed

SAMPLES = Path(__file__).parents[2] / "testing" / "feeds"
URL = "https://allotment.example/feeds/all.xml"


def identities_in(name: str, url: str = URL) -> list[str]:
    return identities(parse_feed((SAMPLES / name).read_bytes(), "application/xml", url).items, url)


@pytest.mark.parametrize(
    "name", ["guid_the_same_in_all.xml", "guid_empty.xml", "link_the_same_in_all.xml", "nothing_but_text.xml"]
)
def test_items_are_told_apart_without_guids(name: str) -> None:
    first, second = identities_in(name)
    assert first != second
    assert identities_in(name) == [first, second]


def test_a_site_that_moves_to_https_sends_nothing_again() -> None:
    assert identities_in("guid_http.xml") == identities_in("guid_https.xml")


def test_the_same_item_in_two_feeds_of_a_site_is_the_same() -> None:
    assert identities_in("rss20_plain.xml") == identities_in("rss20_plain.xml", "https://allotment.example/other.xml")
    assert identities_in("guid_http.xml") == identities_in("guid_http.xml", "https://planet.example/all.xml")


def test_a_number_is_an_identity_within_its_site_only() -> None:
    octets = b"<rss version='2.0'><channel><item><guid isPermaLink='false'>17</guid></item></channel></rss>"
    urls = ["https://one.example/feed", "https://two.example/feed"]
    first, second = [identities(parse_feed(octets, "text/xml", url).items, url) for url in urls]
    assert first != second


def test_a_message_id_is_of_the_item_and_of_the_feed_at_our_host() -> None:
    first = message_id("0a1b", URL, 1, "localhost")
    assert re.fullmatch(r"<[0-9a-f]{40}@localhost>", first)
    assert message_id("0a1b", URL, 2, "localhost") == first.replace("@", ".2@")
    assert message_id("0a1b", URL.replace("https:", "http:"), 1, "localhost") == first
    assert message_id("0a1b", "https://elsewhere.example/all.xml", 1, "localhost") != first
