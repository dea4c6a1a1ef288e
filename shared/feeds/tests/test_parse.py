"""Feeds as sites really write them: shared/testing/feeds has a file for each case."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.feeds.cut_items import MOST_OPENED, cut_items
from shared.feeds.errors import NotAFeed
from shared.feeds.feed import Feed
from shared.feeds.limits import MOST_ITEMS
from shared.feeds.parse import parse_feed
from shared.testing.fastest import processor_seconds

SAMPLES = Path(__file__).parents[2] / "testing" / "feeds"
URL = "https://allotment.example/feeds/all.xml"


def sample(name: str, content_type: str = "application/xml") -> Feed:
    return parse_feed((SAMPLES / name).read_bytes(), content_type, URL)


def test_rss_20_gives_titles_links_guids_authors_and_dates() -> None:
    feed = sample("rss20_plain.xml")
    assert (feed.title, feed.link) == ("Allotment news", "https://allotment.example/")
    first, second = feed.items
    assert (first.title, first.link, first.guid) == ("Broad beans", "https://allotment.example/1", "a-1")
    assert first.html == "Sow <b>now</b>."
    assert first.author == "Vera Lund"
    assert first.published == datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
    assert (second.title, second.published, second.html) == ("Peas", None, "")


@pytest.mark.parametrize(
    ("name", "title", "item"),
    [
        ("rss091_netscape.xml", "Tide tables", "High water"),
        ("rss092.xml", "Songs", ""),
        ("rss10_rdf.xml", "RDF", "One"),
        ("atom03.xml", "Old Atom", "Entry"),
        ("atom10.xml", "Atom blog", "Tea & toast"),
        ("json_feed_10.json", "JSON 1", ""),
        ("json_feed_11.json", "JSON", "Two"),
        ("latin1_declared.xml", "Café", "Crème brûlée"),
        ("latin1_undeclared.xml", "Café", "Crème brûlée"),
        ("utf16.xml", "Ünï", "Ωmega"),
        ("not_well_formed.xml", "Allotment news", "Fish & chips"),
        ("cut_off.xml", "Allotment news", "Whole"),
        ("title_with_markup.xml", "Allotment news", "AT&T says <b>hello</b>"),
        ("controls_and_emoji.xml", "Allotment news", "Bell  and 🫘 bean"),
    ],
)
def test_every_format_and_charset_is_read(name: str, title: str, item: str) -> None:
    feed = sample(name)
    assert feed.title == title
    assert feed.items[0].title == item


def test_atom_has_its_base_its_hub_and_both_dates() -> None:
    feed = sample("atom10.xml")
    assert (feed.hub, feed.topic) == ("https://hub.example/", "https://atom.example/blog/atom.xml")
    [item] = feed.items
    assert item.link == "https://atom.example/blog/1"
    assert 'src="https://atom.example/blog/tea.png"' in item.html
    assert item.author == "Jo March"
    assert (item.published, item.updated) == (
        datetime(2026, 11, 3, 11, tzinfo=UTC),
        datetime(2026, 11, 3, 12, tzinfo=UTC),
    )


def test_relative_links_are_made_absolute() -> None:
    assert sample("relative_links.xml").items[0].link == "https://allotment.example/x/1"
    assert sample("json_feed_11.json").items[0].link == "https://allotment.example/2"


def test_the_longest_content_is_taken() -> None:
    assert "The whole text" in sample("content_encoded.xml").items[0].html


def test_enclosures_have_address_type_and_size() -> None:
    [enclosure] = sample("podcast.xml").items[0].enclosures
    assert (enclosure.url, enclosure.media_type, enclosure.octets) == (
        "https://allotment.example/e1.mp3",
        "audio/mpeg",
        123456,
    )


@pytest.mark.parametrize("name", ["script_in_content.xml", "json_feed_11.json"])
def test_scripts_and_handlers_do_not_come_through(name: str) -> None:
    html = sample(name).items[0].html
    assert "<p>" in html
    for harmful in ("script", "onclick", "onmouseover", "iframe", "javascript"):
        assert harmful not in html


def test_dates_that_do_not_parse_are_none() -> None:
    assert [item.published for item in sample("dates_that_do_not_parse.xml").items] == [None, None]


def test_a_feed_says_how_often_it_wants_to_be_asked() -> None:
    assert sample("ttl.xml").every == timedelta(minutes=180)
    assert sample("rss10_rdf.xml").every == timedelta(hours=12)
    assert sample("rss20_plain.xml").every is None


def test_entities_do_not_grow() -> None:
    assert len(sample("entities_that_grow.xml").items[0].title) < 100
    assert processor_seconds(lambda: sample("entities_that_grow.xml")) < 1


def test_no_file_is_read_for_an_entity() -> None:
    [item] = sample("external_entity.xml").items
    assert "root:" not in item.title + item.html + item.text


@pytest.mark.parametrize(
    "octets", [b"", b"   ", b"{}", b"[1]", b'{"version": 1}', b"\xff\xfe", b"\x00" * 1000, b"<" * 10_000]
)
def test_what_is_no_feed_is_refused(octets: bytes) -> None:
    with pytest.raises(NotAFeed):
        parse_feed(octets, "application/xml", URL)


def test_a_web_page_is_no_feed() -> None:
    with pytest.raises(NotAFeed):
        sample("web_page.html", "text/html")


def test_json_that_is_nested_deeply_is_no_feed() -> None:
    with pytest.raises(NotAFeed):
        parse_feed(b'{"version":' + b"[" * 200_000, "application/json", URL)


def test_a_long_feed_is_read_up_to_its_bound() -> None:
    items = b"".join(b"<item><guid>%d</guid></item>" % number for number in range(3 * MOST_ITEMS))
    feed = parse_feed(b"<rss version='2.0'><channel>" + items + b"</channel></rss>", "application/xml", URL)
    assert len(feed.items) == MOST_ITEMS


def test_a_feed_that_is_not_far_too_long_is_not_cut() -> None:
    tag = b"<description><![CDATA[<item><item> &]]></description>"
    whole = b"<rss><channel>" + b"<item><guid>%s</guid>" % tag + tag + b"</item>" * MOST_ITEMS + b"</channel></rss>"
    assert cut_items(whole) == whole
    items = b"".join(b"<item>%d</item>" % number for number in range(MOST_OPENED + 5))
    assert cut_items(items + b"</channel>") == items.partition(b"<item>%d<" % MOST_OPENED)[0] + b"</channel>"
    assert cut_items(b"<item>" * (MOST_OPENED + 5)) == b"<item>" * MOST_OPENED


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(SAMPLES.iterdir())), st.integers(0, 600))
def test_octets_in_the_wrong_place_are_read_or_refused_in_time(junk: bytes, file: Path, at: int) -> None:
    octets = file.read_bytes()
    with suppress(NotAFeed):
        parse_feed(octets[:at] + junk + octets[at:], "application/xml", URL)
