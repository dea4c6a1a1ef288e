"""Choosing the rooms that come by mail."""

from __future__ import annotations

from services.wiki.tests.web import Browser, Web
from shared.rooms.room import Readers
from shared.rooms.tests.build import an_open_room


def rooms_of(web: Web, name: str) -> list[tuple[str, str]]:
    """The account's subscriptions as the store has them."""
    rows = web.transaction.rows(
        "SELECT room.name, kind FROM room_subscription JOIN room USING (folder_id)"
        " JOIN account ON account.id = account_id WHERE account.name = %s ORDER BY 1",
        (name,),
    )
    web.transaction.commit()
    return [(room, kind) for room, kind in rows]


def opened(web: Web) -> Browser:
    """Alice's browser, in a community of two rooms."""
    an_open_room(web.transaction, "local.garden")
    an_open_room(web.transaction, "local.shop", reading=Readers.MEMBERS)
    web.transaction.commit()
    return web.browser("alice")


def test_each_room_comes_as_each_post_as_a_digest_or_not_at_all(web: Web) -> None:
    alice = opened(web)
    csrf = alice.csrf("/account/mail")
    form = {"csrf": csrf, "from": "0", "room.local.garden": "each", "room.local.shop": "digest"}
    got = alice.post("/account/mail", form)
    assert (got.status, got.fields["location"]) == (303, "/account/mail?from=0&done=1")
    assert rooms_of(web, "alice") == [("local.garden", "each"), ("local.shop", "digest")]
    page = alice.get("/account/mail?from=0&done=1").text
    assert "Your choice is saved." in page
    assert page.count(" selected>") == 2
    account = alice.get("/account").text
    assert "a digest once a day" in account
    assert "each post" in account
    alice.post("/account/mail", {**form, "room.local.garden": "off"})
    assert rooms_of(web, "alice") == [("local.shop", "digest")]


def test_a_choice_that_is_made_already_is_left_alone(web: Web) -> None:
    """The position, up to which posts were sent, is what keeps a post from coming twice or never."""
    alice = opened(web)
    form = {"csrf": alice.csrf("/account/mail"), "room.local.garden": "digest"}
    alice.post("/account/mail", form)
    web.transaction.execute("UPDATE room_subscription SET position = 7, digest_at = '2001-01-01Z'")
    web.transaction.commit()
    alice.post("/account/mail", {**form, "room.local.shop": "each"})
    rows = web.transaction.rows("SELECT position, extract(year FROM digest_at)::int FROM room_subscription ORDER BY 1")
    assert (7, 2001) in [tuple(row) for row in rows]


def test_what_is_no_choice_is_refused_and_a_room_that_is_not_read_is_passed_over(web: Web) -> None:
    alice = opened(web)
    csrf = alice.csrf("/account/mail")
    assert alice.post("/account/mail", {"csrf": csrf, "room.local.garden": "hourly"}).status == 400
    assert alice.post("/account/mail", {"room.local.garden": "each"}).status == 403
    assert alice.post("/account/mail", {"csrf": csrf, "room.local.none": "each"}).status == 303
    guest = web.browser("gus")
    assert "local.shop" not in guest.get("/account/mail").text
    got = guest.post("/account/mail", {"csrf": guest.csrf("/account/mail"), "room.local.garden": "each"})
    assert got.status == 403
    assert "receives no mail" in got.text
    assert rooms_of(web, "alice") == rooms_of(web, "gus") == []


def test_many_rooms_are_on_several_pages(web: Web) -> None:
    for number in range(101):
        an_open_room(web.transaction, f"local.room{number:03}")
    web.transaction.commit()
    alice = web.browser("alice")
    first, second = alice.get("/account/mail").text, alice.get("/account/mail?from=100").text
    assert "local.room099" in first
    assert "local.room100" not in first
    assert 'href="/account/mail?from=100"' in first
    assert "local.room100" in second
