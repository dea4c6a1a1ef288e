"""Pages of rooms that something is posted or cancelled beside, whenever it is, are true."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from services.wiki.rooms.tests.test_rooms import a_room, an_article_in
from services.wiki.tests.overtaken import overtaken_answers
from services.wiki.tests.web import Got, Web
from shared.rooms.cancels.cancel import cancel_numbers
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.reading.read_thread import ARTICLES
from shared.rooms.room import Room
from shared.rooms.tests.build import an_article
from shared.rooms.tidy import forget_cancelled


def _high(got: Got) -> int:
    """The number up to which the page has all messages."""
    found = re.search(r'data-high="(\d+)"', got.text)
    assert found is not None, got
    return int(found[1])


class _Posting:
    """Messages that `make` makes of their numbers: the first is posted at once, then one more with each call."""

    def __init__(self, web: Web, room: Room, make: Callable[[int], bytes]) -> None:
        self._web, self._room, self._make = web, room, make
        self.last = 0
        self.post()

    def post(self) -> None:
        self.last += 1
        an_article_in(self._web, self._room, self._make(self.last))


def _of_the_thread(number: int) -> bytes:
    return an_article("Seeds", identifier=f"<{number}@x>", References="<1@x>")


def test_a_page_of_threads_has_all_messages_up_to_the_number_that_it_says(web: Web) -> None:
    room = a_room(web)
    alice = web.browser("alice")
    posting = _Posting(web, room, lambda number: an_article(f"Seeds {number}."))
    for got in overtaken_answers(lambda: alice.get("/rooms/local.garden"), posting.post):
        high = _high(got)
        assert high in (posting.last - 1, posting.last)
        assert f"Seeds {high}." in got.text
        assert f'name="high" value="{high}"' in got.text  # what "Mark all as read" marks


def test_a_thread_has_all_its_messages_up_to_the_number_that_its_page_says(web: Web) -> None:
    room = a_room(web)
    alice = web.browser("alice")
    posting = _Posting(web, room, _of_the_thread)
    for got in overtaken_answers(lambda: alice.get("/rooms/local.garden/threads/1"), posting.post):
        high = _high(got)
        assert high in (posting.last - 1, posting.last)
        assert f'id="m{high}"' in got.text


def _answered(web: Web, room: Room, messages: int) -> None:
    """A thread of so many messages."""
    for number in range(1, messages + 1):
        an_article_in(web, room, _of_the_thread(number))


def _cancelling(web: Web, room: Room, *numbers: int) -> Callable[[], None]:
    """Cancels these messages of the thread."""

    def cancel() -> None:
        cancel_numbers(web.transaction, [(room.folder_id, number) for number in numbers], None)
        web.transaction.commit()

    return cancel


def _put_back(web: Web, *numbers: int) -> None:
    for number in numbers:
        undo_everywhere(web.transaction, f"<{number}@x>".encode())
    web.transaction.commit()


def test_a_page_of_threads_has_a_thread_whose_last_message_is_forgotten_meanwhile(web: Web) -> None:
    room = a_room(web)
    an_article_in(web, room, an_article("Seeds", identifier="<1@x>"))
    alice = web.browser("alice")
    last = 1

    def ask() -> Got:
        nonlocal last
        last += 1
        an_article_in(web, room, an_article("Re: Seeds", References="<1@x>"))
        return alice.get("/rooms/local.garden")

    def forget() -> None:
        cancel_numbers(web.transaction, [(room.folder_id, last)], None)
        web.transaction.commit()
        forget_cancelled(web.transaction, timedelta())
        web.transaction.commit()

    for got in overtaken_answers(ask, forget):
        assert 'href="/rooms/local.garden/threads/1"' in got.text


def test_a_message_is_on_its_page_of_the_thread_whatever_is_cancelled_before_it_meanwhile(web: Web) -> None:
    room = a_room(web)
    number = ARTICLES + 2
    _answered(web, room, number)
    alice = web.browser("alice")
    path = f"/rooms/local.garden/threads/{number}"
    for got in overtaken_answers(lambda: alice.get(path), _cancelling(web, room, 1, 2, 3)):
        assert got.status == 200
        assert f'id="m{number}"' in got.text
        _put_back(web, 1, 2, 3)
