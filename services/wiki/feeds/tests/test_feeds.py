"""Feeds of rooms, the weblog and changes: valid, and sent only to who has not got them."""

from __future__ import annotations

import feedparser
import pytest
from lxml import etree

from services.wiki.feeds.feed import FeedEntry, SiteFeed, atom, rss
from services.wiki.tests.overtaken import overtaken_answers
from services.wiki.tests.web import Web, basic
from shared.rooms.find_room import find_room
from shared.rooms.room import Readers
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, posted
from shared.rooms.weblog import WEBLOG


@pytest.mark.parametrize("written", [atom, rss])
def test_nothing_in_an_entry_breaks_the_xml(written: object) -> None:
    entry = FeedEntry("mid:<&>", "]]> <b> \x00\x0b\ufffe \ud800", 'https://x/"', "<&>", NOW, "<p>&nbsp;]]></p>")
    feed = SiteFeed("https://x/", "t & t", "https://x/", "https://x/atom", [entry], NOW)
    octets: bytes = written(feed)  # type: ignore[operator]
    etree.fromstring(octets)
    parsed = feedparser.parse(octets)
    assert not parsed.bozo
    assert parsed.entries[0].link == 'https://x/"'


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_room_s_feed_has_its_newest_messages(web: Web, kind: str) -> None:
    room = an_open_room(web.transaction, "a.b")
    for number in range(35):
        posted(web.transaction, a_post(room, octets=an_article(f"<{number}>", body="a & b\r\n")))
    web.transaction.commit()
    got = web.browser().get(f"/rooms/a.b/{kind}")
    assert got.fields["content-type"].startswith(f"application/{kind}+xml")
    parsed = feedparser.parse(got.body)
    assert not parsed.bozo
    assert len(parsed.entries) == 30
    assert parsed.entries[0].link == f"http://127.0.0.1:{web.port}/rooms/a.b/35"
    assert "a &amp; b" in parsed.entries[0].summary

    again = web.browser().get(f"/rooms/a.b/{kind}", If_None_Match=got.fields["etag"])
    assert (again.status, again.body) == (304, b"")
    since = web.browser().get(f"/rooms/a.b/{kind}", If_Modified_Since=got.fields["last-modified"])
    assert since.status == 304
    posted(web.transaction, a_post(room))
    web.transaction.commit()
    assert web.browser().get(f"/rooms/a.b/{kind}", If_None_Match=got.fields["etag"]).status == 200


def test_a_feed_of_a_room_for_members_asks_who_reads_it(web: Web) -> None:
    an_open_room(web.transaction, "a.b", reading=Readers.MEMBERS)
    web.transaction.commit()
    got = web.script().get("/rooms/a.b/atom")
    assert got.status == 401
    assert got.fields["www-authenticate"].startswith("Basic")
    assert web.script().get("/rooms/a.b/atom", Authorization=basic("alice")).status == 200
    assert "a.b" not in web.browser().get("/feeds/").text
    assert "/rooms/a.b/atom" in web.browser("alice").get("/feeds/").text


def test_the_weblog_and_the_changes_have_feeds(web: Web) -> None:
    web.script().post("/blog/save", {"title": "A & B", "body": "*x*"}, Authorization=basic("alice"))
    for path in ("/blog/atom", "/blog/rss"):
        parsed = feedparser.parse(web.browser().get(path).body)
        assert not parsed.bozo
        assert (parsed.entries[0].title, parsed.entries[0].author) == ("A & B", "Alice Fern")
        assert "<em>x</em>" in parsed.entries[0].summary or "<em>x</em>" in parsed.entries[0].content[0].value
    for path in ("/feeds/changes/atom", "/feeds/changes/rss"):
        assert not feedparser.parse(web.browser().get(path).body).bozo


@pytest.mark.parametrize("web", [{"wiki_read": "members", "web_url": "https://yard.example"}], indirect=True)
def test_changes_are_for_who_reads_the_wiki_and_links_are_as_the_operator_says(web: Web) -> None:
    assert web.script().get("/feeds/changes/atom").status == 401
    assert web.script().get("/feeds/changes/atom", Authorization=basic("alice")).status == 200
    assert b"https://yard.example/blog/atom" in web.script().get("/blog/atom").body


def test_a_post_that_comes_while_a_feed_is_made_is_in_the_next_one(web: Web) -> None:
    alice = web.browser("alice")
    alice.post("/blog/save", {"title": "Post 1.", "body": "x", "csrf": alice.csrf()})
    room = find_room(web.transaction, WEBLOG)
    web.transaction.commit()
    count = 1

    def post() -> None:
        nonlocal count
        count += 1
        posted(web.transaction, a_post(room, octets=an_article(f"Post {count}.")))
        web.transaction.commit()

    for got in overtaken_answers(lambda: web.browser().get("/blog/atom"), post):
        again = web.browser().get("/blog/atom", If_None_Match=got.fields["etag"])
        assert f"Post {count}." in (again.text if again.status == 200 else got.text)
