"""The pages of administrators are for them alone, and do what the command line does."""

from __future__ import annotations

import pytest

from services.wiki.tests.web import Web
from shared.administration import feeds
from shared.clock import utc_day
from shared.rooms.tests.build import an_open_room

PATHS = (
    "/admin/", "/admin/new-user", "/admin/users/alice", "/admin/rooms", "/admin/new-room", "/admin/feeds",
    "/admin/senders", "/admin/lockouts", "/admin/audit", "/admin/proxy", "/admin/services",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_they_are_for_administrators(web: Web, path: str) -> None:
    stranger = web.browser().get(path)
    assert (stranger.status, stranger.fields["location"]) == (303, f"/sign-in?then={path}")
    assert web.browser("alice").get(path).status == 403
    assert web.browser("root").get(path).status == 200


def test_an_account_is_shut_out_and_let_in(web: Web) -> None:
    root = web.browser("root")
    assert "Alice Fern" in root.get("/admin/").text
    csrf = root.csrf("/admin/")
    assert root.post("/admin/users/alice", {"change": "disable"}).status == 403
    assert web.browser("bob").post("/admin/users/alice", {"change": "disable"}).status in (401, 403)
    assert root.post("/admin/users/alice", {"csrf": csrf, "change": "disable"}).status == 303
    assert "Let in" in root.get("/admin/").text
    assert web.browser().sign_in("alice").status == 403
    assert root.post("/admin/users/alice", {"csrf": csrf, "change": "enable"}).status == 303
    assert root.post("/admin/users/root", {"csrf": csrf, "change": "disable"}).status == 409
    assert root.post("/admin/users/nobody", {"csrf": csrf, "change": "disable"}).status == 404
    assert root.post("/admin/users/alice", {"csrf": csrf, "change": "other"}).status == 400


def test_rooms_and_feeds_are_listed_and_a_feed_is_asked(web: Web) -> None:
    an_open_room(web.transaction, "local.garden")
    feeds.add(web.transaction, "https://feeds.example/x", "rss.x")
    web.transaction.commit()
    root = web.browser("root")
    assert "local.garden" in root.get("/admin/rooms").text
    page = root.get("/admin/feeds").text
    assert "<bdi>https://feeds.example/x</bdi>" in page
    assert "not asked yet" in page
    assert ">now</time>" in page
    csrf = root.csrf("/admin/feeds")
    assert root.post("/admin/feeds", {"csrf": csrf, "room": "rss.x"}).status == 303
    assert root.post("/admin/feeds", {"csrf": csrf}).status == 303


def test_the_proxy_s_usage_is_a_chart_and_its_numbers(web: Web) -> None:
    assert "Nobody has used the proxy" in web.browser("root").get("/admin/proxy").text
    web.transaction.execute(
        "INSERT INTO usage_of_account (account_id, day, requests, octets_in, octets_out) VALUES (%s, %s, 7, 10, 2000)",
        (web.accounts["alice"].id, utc_day()),
    )
    web.transaction.commit()
    page = web.browser("root").get("/admin/proxy").text
    assert '<rect class="bar" x="29.12"' in page  # today is the last of thirty days, whether or not the others have any
    assert "alice" in page
    assert '<rect class="bar" x="6.12"' in web.browser("root").get("/admin/proxy?days=7").text  # of seven
    assert '<rect class="bar" x="29.12"' in web.browser("root").get("/admin/proxy?days=1e9").text
