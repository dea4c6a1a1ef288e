"""The search page: pages, messages of rooms and posts of the weblog, each only for who may read it."""

from __future__ import annotations

import pytest

from services.wiki.tests.test_pages import put
from services.wiki.tests.web import Browser, Web
from shared.rooms.room import Readers
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted

MEMBERS = pytest.mark.parametrize("web", [{"wiki_read": "members"}], indirect=True)


def filled(web: Web) -> None:
    """One room for everybody, one for members, a page."""
    garden = an_open_room(web.transaction, "local.garden")
    secret = an_open_room(web.transaction, "local.secret", reading=Readers.MEMBERS)
    posted(web.transaction, a_post(garden, octets=an_article("Seeds <b>", body="Who brings marrows & beans?\r\n")))
    posted(web.transaction, a_post(secret, octets=an_article("Prize", body="The largest marrows win.\r\n")))
    web.transaction.commit()
    put(web, "/MarrowPage", "Marrows want water.")


def search(browser: Browser, words: str, more: str = "") -> str:
    got = browser.get(f"/search?q={words}{more}")
    assert got.status == 200
    return got.text


def test_messages_are_found_beside_pages_with_the_words_marked(web: Web) -> None:
    filled(web)
    page = search(web.browser(), "marrows")
    assert 'href="/MarrowPage"' in page
    assert 'href="/rooms/local.garden/1"' in page
    assert "Seeds &lt;b&gt;" in page
    assert "<mark>marrows</mark> &amp; beans" in page


def test_nobody_finds_what_they_may_not_read(web: Web) -> None:
    filled(web)
    assert "local.secret" not in search(web.browser(), "marrows")
    assert "local.secret" not in search(web.browser("gus"), "marrows")
    assert 'href="/rooms/local.secret/1"' in search(web.browser("alice"), "marrows")


@MEMBERS
def test_strangers_of_a_members_wiki_search_the_rooms_alone(web: Web) -> None:
    filled(web)
    assert web.browser().get("/search?q=marrows").status == 303
    page = search(web.browser(), "marrows", "&in=rooms")
    assert 'href="/rooms/local.garden/1"' in page
    assert "MarrowPage" not in page


def test_a_post_of_the_weblog_is_found_at_its_address(web: Web) -> None:
    alice = web.browser("alice")
    form = {"title": "A summer", "body": "Water for *marrows*.", "csrf": alice.csrf()}
    assert alice.post("/blog/save", form).status == 303
    alice.get("/blog/")
    page = search(web.browser(), "marrows")
    assert 'href="/blog/' in page
    assert "/a-summer" in page


def test_more_messages_are_on_further_pages(web: Web) -> None:
    room = an_open_room(web.transaction, "local.garden")
    for number in range(31):
        posted(web.transaction, a_post(room, octets=an_article(f"marrow{number:02}", body="water\r\n")))
    web.transaction.commit()
    stranger = web.browser()
    assert 'href="/search?q=water&amp;in=rooms"' in search(stranger, "water")
    first = search(stranger, "water", "&in=rooms")
    assert "marrow30" in first
    assert "marrow10" not in first
    assert "&amp;in=rooms&amp;after=20" in first
    assert "marrow10" in search(stranger, "water", "&in=rooms&after=20")


def test_a_message_is_found_as_soon_as_it_is_posted(web: Web) -> None:
    an_open_room(web.transaction, "local.garden")
    web.transaction.commit()
    alice = web.browser("alice")
    assert "Nothing has all of these words" in search(alice, "courgettes")
    form = {"csrf": alice.csrf(), "subject": "Too many courgettes", "text": "help"}
    assert alice.post("/rooms/local.garden/new", form).status == 303
    assert "Too many courgettes" in search(alice, "courgettes")


@pytest.mark.parametrize("query", ["in=other", "in=rooms&after=99999", "after=x"])
def test_what_is_no_search_is_refused(web: Web, query: str) -> None:
    assert web.browser().get(f"/search?q=x&{query}").status == 400
