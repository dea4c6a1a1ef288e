"""Asking a feed: what becomes of its items, and what is written down of how it went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.database.database import Database
from shared.events.bus import Bus
from shared.feeds.add_feed import add_feed
from shared.feeds.change_feed import remove_feed
from shared.feeds.list_feeds import find_feed
from shared.feeds.parse_apart import FeedParser
from shared.feeds.tests.feed_server import Served, a_feed_server, a_refresher, a_subscription, articles_of, claimed
from shared.folders.open_folder import open_folder
from shared.testing.reactor import running_reactor

SAMPLES = Path(__file__).parents[2] / "testing" / "feeds"


@pytest.fixture
def server() -> Iterator[tuple[Served, str]]:
    with a_feed_server() as served:
        yield served


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Beans</title>{''.join(items)}</channel></rss>".encode()


def an_item(number: int, text: str = "text") -> str:
    date = (datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><title>Item {number}</title><guid isPermaLink='false'>{number}</guid>"
        f"<pubDate>{date}</pubDate><description>{text}</description></item>"
    )


async def test_items_become_articles_the_oldest_first(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    served.body = rss(an_item(2), an_item(1))
    room, feed = await a_subscription(database, url)
    assert await a_refresher(database, bus).refresh(await claimed(database, feed)) == 2
    articles = await database.read(articles_of, room)
    assert {uid: article["Subject"] for uid, article in articles.items()} == {1: "Item 1", 2: "Item 2"}
    assert articles[1]["From"] == "Beans <rss.beans@example.org>"
    assert articles[1]["Newsgroups"] == "rss.beans"
    assert articles[1]["Path"].startswith("news.example.org!")
    after = await database.read(find_feed, feed.id)
    assert (after.title, after.error, after.failures) == ("Beans", "", 0)
    assert timedelta(minutes=53) < after.next_try_at - datetime.now(UTC) < timedelta(minutes=67)


async def test_what_came_does_not_come_again(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    room, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    for body, new in [
        (rss(an_item(1)), 1),
        (rss(an_item(1)), 0),
        (rss(an_item(2)), 1),  # the first fell off
        (rss(an_item(1), an_item(2)), 0),  # and is there again
    ]:
        served.body = body
        assert await refresher.refresh(await claimed(database, feed)) == new
    assert sorted(await database.read(articles_of, room)) == [1, 2]


async def test_a_request_has_the_conditions_of_the_last_answer(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    _, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    served.body = rss(an_item(1))
    served.headers = {"etag": '"one"', "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT"}
    await refresher.refresh(await claimed(database, feed))
    assert "if-none-match" not in served.asked[0]
    served.status, served.body, served.headers = 304, b"", {}
    for _ in range(2):
        assert await refresher.refresh(await claimed(database, feed)) == 0
        assert served.asked[-1]["if-none-match"] == '"one"'
        assert served.asked[-1]["if-modified-since"] == "Sun, 01 Nov 2026 00:00:00 GMT"
    assert (await database.read(find_feed, feed.id)).error == ""


async def test_the_server_may_wish_to_be_asked_later(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    _, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    served.body, served.headers = rss(), {"cache-control": "max-age=18000"}
    await refresher.refresh(await claimed(database, feed))
    after = await database.read(find_feed, feed.id)
    assert timedelta(hours=4.4) < after.next_try_at - datetime.now(UTC) < timedelta(hours=5.6)
    served.status, served.headers = 429, {"retry-after": "172800"}
    await refresher.refresh(await claimed(database, feed))
    after = await database.read(find_feed, feed.id)
    assert after.next_try_at - datetime.now(UTC) > timedelta(hours=47)
    assert after.error == "the server answers with status 429"


async def test_a_feed_that_is_gone_for_good_is_asked_no_more(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    _, feed = await a_subscription(database, url)
    served.status = 410
    await a_refresher(database, bus).refresh(await claimed(database, feed))
    after = await database.read(find_feed, feed.id)
    assert after.stopped
    assert after.error == "the server says that the feed is gone for good"


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, b"", "the server answers with status 500"),
        (404, b"", "the server answers with status 404"),
        (200, b"<!DOCTYPE html><html><body>Hello</body></html>", "the document is neither RSS nor Atom nor JSON Feed"),
        (200, b"", "the document is neither RSS nor Atom nor JSON Feed"),
    ],
)
async def test_what_fails_leaves_the_articles_and_is_written_down(
    database: Database, bus: Bus, server: tuple[Served, str], status: int, body: bytes, error: str
) -> None:
    served, url = server
    room, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    served.body = rss(an_item(1))
    await refresher.refresh(await claimed(database, feed))
    served.status, served.body = status, body
    for failures in (1, 2):
        await refresher.refresh(await claimed(database, feed))
        after = await database.read(find_feed, feed.id)
        assert (after.failures, after.error) == (failures, error)
        assert after.next_try_at - datetime.now(UTC) > failures * timedelta(hours=1.5)
    assert sorted(await database.read(articles_of, room)) == [1]


async def test_nothing_is_fetched_from_a_private_network(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    _, feed = await a_subscription(database, url)
    await a_refresher(database, bus, private=False).refresh(await claimed(database, feed))
    assert served.asked == []
    assert (await database.read(find_feed, feed.id)).failures == 1


async def test_the_same_item_in_two_feeds_is_one_article_in_two_rooms(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    served.body = (SAMPLES / "guid_http.xml").read_bytes()
    first, feed = await a_subscription(database, url)
    second, other = await a_subscription(database, url + "?planet", "rss.planet")
    refresher = a_refresher(database, bus)
    assert await refresher.refresh(await claimed(database, feed)) == 1
    assert await refresher.refresh(await claimed(database, other)) == 1
    ids = [(await database.read(open_folder, room.folder_id)).message_ids for room in (first, second)]
    assert list(ids[0]) == list(ids[1])


async def test_forty_items_whose_guids_have_changed_do_not_come_again(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    room, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    items = [an_item(number) for number in range(40)]
    served.body = rss(*items)
    assert await refresher.refresh(await claimed(database, feed)) == 40
    served.body = rss(*(item.replace("'false'>", "'false'>https://new.example/path/") for item in items))
    assert await refresher.refresh(await claimed(database, feed)) == 0
    assert len(await database.read(articles_of, room)) == 40


async def test_a_thousand_items_are_one_commit(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    room, feed = await a_subscription(database, url)
    served.body = rss(*(an_item(number) for number in range(1_000)))
    before = await database.read(open_folder, room.folder_id)
    assert await a_refresher(database, bus).refresh(await claimed(database, feed)) == 1_000
    after = await database.read(open_folder, room.folder_id)
    assert len(after.uids) == 1_000
    assert after.folder.highest_modseq == before.folder.highest_modseq + 1


async def test_a_removed_and_added_feed_brings_nothing_twice(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:

    served, url = server
    served.body = rss(an_item(1), an_item(2))
    room, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    await refresher.refresh(await claimed(database, feed))
    await database.transact(remove_feed, feed.id)
    again = await database.transact(add_feed, room, url)
    assert await refresher.refresh(await claimed(database, again)) == 0
    assert sorted(await database.read(articles_of, room)) == [1, 2]


async def test_an_edited_item_supersedes_its_article(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    room, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    served.body = rss(an_item(1), an_item(2))
    await refresher.refresh(await claimed(database, feed))
    first = (await database.read(articles_of, room))[1]["Message-ID"]
    served.body = rss(an_item(1, "better text"), an_item(2))
    assert await refresher.refresh(await claimed(database, feed)) == 1
    assert await refresher.refresh(await claimed(database, feed)) == 0
    articles = await database.read(articles_of, room)
    assert sorted(articles) == [2, 3]
    assert articles[3]["Supersedes"] == first
    assert articles[3]["Message-ID"] == first.replace("@", ".2@")


async def test_an_item_that_two_feeds_bring_is_superseded_in_both_rooms(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    rooms_and_feeds = [await a_subscription(database, f"{url}?{name}", f"rss.{name}") for name in ("one", "two")]
    refresher = a_refresher(database, bus)
    for text in ("text", "better text"):
        served.body = rss(an_item(1, text))
        for _, feed in rooms_and_feeds:
            assert await refresher.refresh(await claimed(database, feed)) == 1
    one, two = [await database.read(articles_of, room) for room, _ in rooms_and_feeds]
    assert sorted(one) == sorted(two) == [2]
    assert one[2]["Message-ID"] == two[2]["Message-ID"]


async def test_a_feed_that_takes_too_much_to_read_is_one_that_fails(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    served.body = b"<rss version='2.0'><channel><item>" + b"<a>" * 3_000_000  # gigabytes of elements
    _, feed = await a_subscription(database, url)
    refresher = a_refresher(database, bus)
    refresher._parser = FeedParser(running_reactor(), cpu_seconds=1)
    assert await refresher.refresh(await claimed(database, feed)) == 0
    row = await database.read(find_feed, feed.id)
    assert (row.failures, row.error) == (1, "the document takes too much time or memory to read")
