"""The number of unread messages in the header."""

from __future__ import annotations

import re

from services.wiki.rooms.tests.test_rooms import a_room, write
from services.wiki.tests.web import Browser, Web
from shared.rooms.room import Readers
from shared.rooms.tests.build import an_open_room
from shared.testing.store_outage import StoreOutage


def unread(browser: Browser, path: str = "/WikiHome") -> int:
    """The number in the header; 0 where there is none."""
    found = re.search(r'class="count">([\d,]+)<span class="hide"> unread messages', browser.get(path).text)
    return 0 if found is None else int(found[1].replace(",", ""))


def test_the_header_counts_what_is_unread_in_all_rooms_and_reading_counts_at_once(web: Web) -> None:
    a_room(web)
    an_open_room(web.transaction, "local.secret", reading=Readers.MEMBERS)
    web.transaction.commit()
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    write(alice, "/rooms/local.secret/new", "Prize", "text")
    assert unread(bob) == 2
    assert unread(web.browser("gus")) == 1
    assert unread(web.browser()) == 0
    bob.get("/rooms/local.garden/threads/1")
    assert unread(bob) == 1
    bob.post("/rooms/local.garden/1/mark", {"csrf": bob.csrf(), "mark": "unseen"})
    assert unread(bob) == 2
    bob.post("/rooms/local.secret/read", {"csrf": bob.csrf(), "high": "1"})
    assert unread(bob) == 1


def test_a_form_that_is_given_back_has_the_number_of_the_page_before(web: Web) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    assert unread(bob, "/edit/WikiHome") == 1
    form = {"csrf": bob.csrf(), "path": "WikiHome", "data": "mine", "base": "1", "do": "preview"}
    assert '<span class="count">1<span class="hide"> unread' in bob.post("/save", form).text


def test_a_page_that_has_another_number_is_another_page(web: Web) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    etag = bob.get("/WikiHome").fields["etag"]
    assert bob.get("/WikiHome", If_None_Match=etag).status == 304
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    web.parts.unread.forget(web.accounts["bob"].id)
    assert bob.get("/WikiHome", If_None_Match=etag).status == 200


def test_pages_are_there_while_the_store_is_away(web: Web, database_url: str, server_url: str) -> None:
    a_room(web)
    alice, bob = web.browser("alice"), web.browser("bob")
    write(alice, "/rooms/local.garden/new", "Seeds", "text")
    assert unread(bob, "/about") == 1
    web.transaction.commit()
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        web.parts.unread.forget(web.accounts["bob"].id)
        assert bob.get("/about").status == 200
    finally:
        outage.end()
