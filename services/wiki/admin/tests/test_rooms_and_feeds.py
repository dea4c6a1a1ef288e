"""Rooms and feeds made and changed by administrators on the web."""

from __future__ import annotations

from contextlib import suppress

import psycopg2.errors
import pytest

from services.wiki.tests.web import Browser, Web
from shared.administration import rooms
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.rooms.find_room import find_room
from shared.rooms.room import Posters, Readers
from shared.testing.overtaken import overtaken

ROOM = {
    "description": "Beds and seeds", "reading": "everyone", "posting": "members", "moderated": "1",
    "keep_days": "90", "moderators": "alice, bob",
}  # fmt: skip


def form_of(root: Browser, **fields: str) -> dict[str, str]:
    return {"csrf": root.csrf("/admin/rooms"), **fields}


def moderators_of(web: Web) -> list[str]:
    rows = web.transaction.rows("SELECT name FROM moderator JOIN account ON account.id = account_id ORDER BY name")
    web.transaction.commit()
    return [name for (name,) in rows]


def test_a_room_is_made_and_changed(web: Web) -> None:
    root = web.browser("root")
    got = root.post("/admin/new-room", form_of(root, name="local.garden", **ROOM))
    assert (got.status, got.fields["location"]) == (303, "/admin/rooms/local.garden?done=made")
    room = find_room(web.transaction, "local.garden")
    assert (room.description, room.reading, room.posting) == ("Beds and seeds", Readers.EVERYONE, Posters.MEMBERS)
    assert (room.moderated, room.keep_days) == (True, 90)
    assert moderators_of(web) == ["alice", "bob"]
    page = root.get("/admin/rooms/local.garden?done=made").text
    assert "The room is made." in page
    assert 'value="alice bob"' in page
    assert '<option value="everyone" selected>' in page
    changed = {**ROOM, "posting": "nobody", "keep_days": "", "moderators": "alice root"}
    del changed["moderated"]
    assert root.post("/admin/rooms/local.garden", form_of(root, **changed)).status == 303
    room = find_room(web.transaction, "local.garden")
    assert (room.posting, room.moderated, room.keep_days) == (Posters.NOBODY, False, None)
    assert moderators_of(web) == ["alice", "root"]
    assert web.browser("alice").get("/rooms/local.garden").status == 200


def test_a_room_is_changed_while_another_takes_a_moderator_away(
    web: Web, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, store = web.browser("root"), BlockingDatabase(database_url, "tests")
    root.post("/admin/new-room", form_of(root, name="local.garden", **ROOM))
    changed = form_of(root, **{**ROOM, "moderators": "alice"})

    def take_away(tx: Transaction) -> None:
        tx.execute("SET LOCAL lock_timeout TO '100ms'")
        rooms.change_moderators(tx, "local.garden", (), ["bob"])

    def taken_away() -> None:
        with suppress(psycopg2.errors.LockNotAvailable):
            store.transact(take_away)

    for behind in range(1, 16):
        store.transact(rooms.change_moderators, "local.garden", ["bob"])
        monkeypatch.setattr("shared.database.attempt.Transaction", overtaken(behind, taken_away))
        assert root.post("/admin/rooms/local.garden", changed).status == 303, behind
        assert moderators_of(web) == ["alice"]


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({"name": "local.garden"}, 422, "There is a room of that name."),
        ({"name": "no room"}, 422, ""),
        ({"name": "local.new", "moderators": "alice nemo"}, 422, "There is no account nemo."),
        ({"name": "local.new", "reading": "some"}, 400, "reading"),
        ({"name": "local.new", "keep_days": "0"}, 400, "keep_days"),
    ],
    ids=["taken", "name", "moderator", "policy", "days"],
)
def test_a_room_that_cannot_be_made_is_not_made_at_all(web: Web, fields: dict[str, str], status: int, why: str) -> None:
    root = web.browser("root")
    root.post("/admin/new-room", form_of(root, name="local.garden", **ROOM))
    got = root.post("/admin/new-room", form_of(root, **{**ROOM, **fields}))
    assert got.status == status
    assert why in got.text
    assert web.transaction.value("SELECT count(*) FROM room") == 1


def test_a_feed_is_added_changed_and_removed(web: Web) -> None:
    root = web.browser("root")
    form = form_of(root, url="https://feeds.example/x", room="", every="30", reading="everyone")
    assert root.post("/admin/feeds/new", form).status == 303
    row = web.transaction.row("SELECT feed.id, room.name, room.fed, every::text FROM feed JOIN room USING (folder_id)")
    assert row is not None
    number, *rest = row
    assert rest == ["rss.feeds-example", True, "00:30:00"]
    web.transaction.commit()
    again = root.post("/admin/feeds/new", {**form, "room": "rss.feeds-example"})
    assert again.status == 422
    assert "The room is filled from that address already." in again.text
    assert 'value="30"' in root.get(f"/admin/feeds/{number}").text
    form = form_of(root, change="set", url="https://feeds.example/y", every="120")
    assert root.post(f"/admin/feeds/{number}", form).status == 303
    row = web.transaction.row("SELECT url, every::text FROM feed")
    assert row == ("https://feeds.example/y", "02:00:00")
    web.transaction.commit()
    assert root.post(f"/admin/feeds/{number}", {**form, "url": "gopher://x"}).status == 422
    assert root.post(f"/admin/feeds/{number}", {**form, "change": "other"}).status == 400
    assert root.post(f"/admin/feeds/{number}", {**form, "change": "remove"}).status == 303
    assert root.post(f"/admin/feeds/{number}", {**form, "change": "remove"}).status == 404
    assert web.transaction.value("SELECT count(*) FROM room") == 1


@pytest.mark.parametrize("path", ["/admin/new-room", "/admin/rooms/x", "/admin/feeds/new", "/admin/feeds/1"])
def test_the_forms_need_the_sessions_token_and_an_administrator(web: Web, path: str) -> None:
    form = {"name": "local.garden", "url": "https://feeds.example/x", "change": "set", **ROOM}
    assert web.browser("root").post(path, form).status == 403
    alice = web.browser("alice")
    assert alice.post(path, {**form, "csrf": alice.csrf()}).status == 403
