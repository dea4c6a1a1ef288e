"""Feeds and the names of pages by REST."""

from __future__ import annotations

import pytest

from services.wiki.calls.tests.fixtures import People
from services.wiki.calls.tests.site import Opened
from services.wiki.rest.tests.test_rest import RestCaller
from shared.database.database import Database
from shared.testing.reactor import wait_for


def test_an_administrator_adds_lists_changes_and_removes_a_feed(faces: Opened, database: Database) -> None:
    admin = RestCaller(faces, "admin")
    made = admin.ask("POST", "/feeds", {"url": "https://feeds.example/x", "every_minutes": 30, "reading": "everyone"})
    assert made.status == 201
    number = made.json["number"]
    assert (made.json["room"], made.json["every_minutes"], made.json["error"]) == ("rss.feeds-example", 30, "")
    again = admin.ask("POST", "/feeds", {"url": "https://feeds.example/x", "room": "rss.feeds-example"})
    assert again.status == 409
    changed = admin.ask("PATCH", f"/feeds/{number}", {"every_minutes": 120})
    assert (changed.json["every_minutes"], changed.json["url"]) == (120, "https://feeds.example/x")
    assert admin.ask("PATCH", f"/feeds/{number}", {"url": "https://feeds.example/y"}).json["every_minutes"] == 120
    assert [feed["url"] for feed in admin.ask("GET", "/feeds").json["feeds"]] == ["https://feeds.example/y"]
    assert admin.ask("DELETE", f"/feeds/{number}").status == 204
    assert admin.ask("DELETE", f"/feeds/{number}").status == 404
    rows = wait_for(lambda: database.read(lambda tx: tx.rows("SELECT door, status FROM command_audit ORDER BY id")))
    assert [tuple(row) for row in rows] == [("rest", status) for status in (0, 1, 0, 0, 0, 1)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "/feeds", None), ("POST", "/feeds", {"url": "https://a.example"}), ("PATCH", "/feeds/1", {}),
     ("DELETE", "/feeds/1", None)],
    ids=["list", "add", "change", "remove"],
)  # fmt: skip
def test_feeds_are_for_administrators(faces: Opened, method: str, path: str, body: object) -> None:
    assert RestCaller(faces, "alice").ask(method, path, body).status == 403
    assert RestCaller(faces, "").ask(method, path, body).status == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [({"url": "gopher://x"}, 422), ({"url": "https://x.example", "every_minutes": 0}, 400), ({}, 400),
     ({"url": "https://x.example", "reading": "some"}, 400), ({"url": "https://x.example", "room": "no room"}, 422)],
    ids=["address", "interval", "nothing", "reading", "room"],
)  # fmt: skip
def test_what_is_no_feed_is_refused(faces: Opened, body: object, status: int) -> None:
    assert RestCaller(faces, "admin").ask("POST", "/feeds", body).status == status


def test_a_page_is_renamed_and_its_former_name_leads_to_it(faces: Opened, people: People) -> None:
    alice = RestCaller(faces)
    alice.put("Tea Page", "x")
    renamed = alice.ask("POST", "/pages/Tea%20Page/rename", {"to": "Tea_Time", "comment": "why"})
    assert (renamed.status, renamed.json, renamed.fields["Location"]) == (200, {"name": "Tea Time"}, "/Tea%20Time")
    assert alice.ask("GET", "/pages/Tea%20Time").json["source"] == "x"
    assert alice.ask("GET", "/pages/Tea%20Page").status == 404
    assert alice.ask("POST", "/pages/Tea%20Time/rename", {"to": "WikiHome"}).status == 409
    assert alice.ask("POST", "/pages/None/rename", {"to": "New"}).status == 404
    assert alice.ask("POST", "/pages/Tea%20Time/rename", {"to": "rooms/x"}).status in (400, 403)
    assert RestCaller(faces, "").ask("POST", "/pages/Tea%20Time/rename", {"to": "New"}).status == 401
