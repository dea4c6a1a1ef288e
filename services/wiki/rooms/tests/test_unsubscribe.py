"""The way out of a subscriber at another server: by a page, and by the one click of a mail program (RFC 8058)."""

from __future__ import annotations

from services.wiki.tests.web import Web
from shared.rooms.room import Room
from shared.rooms.subscriptions.elsewhere.subscriber import count_elsewhere
from shared.rooms.subscriptions.elsewhere.tests.build import remote
from shared.rooms.tests.build import an_open_room


def subscribed(web: Web) -> tuple[Room, str]:
    """A room with a subscriber, and the path that ends it."""
    room = an_open_room(web.transaction)
    path = f"/unsubscribe/{remote(web.transaction, room, 'ann@far.test')}"
    web.transaction.commit()
    return room, path


def count(web: Web, room: Room) -> int:
    found = count_elsewhere(web.transaction, room)
    web.transaction.commit()
    return found


def test_page_asks_and_its_button_ends_the_subscription(web: Web) -> None:
    room, path = subscribed(web)
    stranger = web.browser()
    assert "Send me no more" in stranger.get(path).text
    assert count(web, room) == 1  # a program that looks at links has changed nothing
    assert "You are unsubscribed" in stranger.post(path, {}).text
    assert count(web, room) == 0
    assert stranger.post(path, {}).status == 200


def test_one_click_of_a_mail_program_is_enough(web: Web) -> None:
    room, path = subscribed(web)
    assert web.browser().post(path, {"List-Unsubscribe": "One-Click"}).status == 200
    assert count(web, room) == 0


def test_token_of_nobody_ends_nothing_and_looks_the_same(web: Web) -> None:
    room, path = subscribed(web)
    stranger = web.browser()
    other = "/unsubscribe/" + "0" * 32
    assert stranger.get(other).text.replace(other, path) == stranger.get(path).text
    for wrong in (other, "/unsubscribe/%00", "/unsubscribe/" + "a" * 5000):
        assert stranger.post(wrong, {}).status in (200, 400, 404, 414)
    assert count(web, room) == 1
