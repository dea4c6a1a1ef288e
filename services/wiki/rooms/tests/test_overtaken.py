"""Pages of rooms that something is posted or cancelled beside, whenever it is, are true."""

from __future__ import annotations

import re

from services.wiki.rooms.tests.test_rooms import a_room, an_article_in
from services.wiki.tests.overtaken import overtaken_answers
from services.wiki.tests.web import Got, Web
from shared.rooms.tests.build import an_article


def _high(got: Got) -> int:
    """The number up to which the page has all messages."""
    found = re.search(r'data-high="(\d+)"', got.text)
    assert found is not None, got
    return int(found[1])


def test_a_page_of_threads_has_all_messages_up_to_the_number_that_it_says(web: Web) -> None:
    room = a_room(web)
    alice = web.browser("alice")
    posted = 0

    def post() -> None:
        nonlocal posted
        posted += 1
        an_article_in(web, room, an_article(f"Seeds {posted}."))

    post()
    for got in overtaken_answers(web, lambda: alice.get("/rooms/local.garden"), post):
        high = _high(got)
        assert high in (posted - 1, posted)
        assert f"Seeds {high}." in got.text
        assert f'name="high" value="{high}"' in got.text  # what "Mark all as read" marks


def test_a_thread_has_all_its_messages_up_to_the_number_that_its_page_says(web: Web) -> None:
    room = a_room(web)
    alice = web.browser("alice")
    posted = 0

    def post() -> None:
        nonlocal posted
        posted += 1
        an_article_in(web, room, an_article("Seeds", identifier=f"<{posted}@x>", References="<1@x>"))

    post()
    for got in overtaken_answers(web, lambda: alice.get("/rooms/local.garden/threads/1"), post):
        high = _high(got)
        assert high in (posted - 1, posted)
        assert f'id="m{high}"' in got.text
