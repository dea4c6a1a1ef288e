"""No feed speaks for another one: whatever guid, link or text it copies, the other's articles come, and stay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.database.database import Database
from shared.events.bus import Bus
from shared.feeds.add_feed import add_feed
from shared.feeds.change_feed import remove_feed
from shared.feeds.tests.feed_server import Served, a_feed_server, a_refresher, a_subscription, articles_of, claimed

TRUE = {"title": "Beans are up", "text": "They came up on Sunday."}
FALSE = {"title": "Beans are poison", "text": "Do not eat them."}


@pytest.fixture
def server() -> Iterator[tuple[Served, str]]:
    with a_feed_server() as served:
        yield served


def a_feed(title: str, text: str, *, author: str = "Ann", name: str = "Beans", date: str = "Sun, 01 Nov 2026") -> bytes:
    return (
        f"<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>{name}</title><item>"
        f"<title>{title}</title><guid>https://beans.example/up</guid><link>https://beans.example/up</link>"
        f"<pubDate>{date} 00:00:00 +0000</pubDate><dc:creator>{author}</dc:creator><description>{text}</description>"
        "</item></channel></rss>"
    ).encode()


async def test_a_feed_that_copies_a_guid_neither_blocks_nor_replaces_the_articles_of_another(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    forgers, forger = await a_subscription(database, f"{url}?forger", "rss.forger")
    beans, feed = await a_subscription(database, f"{url}?beans", "rss.beans")
    refresher = a_refresher(database, bus)
    for texts in (FALSE, FALSE | {"text": "Never eat them."}):  # first, and once more as a new edition
        served.body = a_feed(**texts)
        assert await refresher.refresh(await claimed(database, forger)) == 1
    for texts in (TRUE, TRUE | {"text": "They came up on Saturday."}):
        served.body = a_feed(**texts)
        assert await refresher.refresh(await claimed(database, feed)) == 1
    [article] = (await database.read(articles_of, beans)).values()
    assert article["Subject"] == "Beans are up"
    assert "Saturday" in article.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    [forged] = (await database.read(articles_of, forgers)).values()
    assert forged["Subject"] == "Beans are poison"
    assert forged["Message-ID"] != article["Message-ID"]


async def test_a_true_copy_that_is_edited_later_leaves_the_article_in_the_room_of_the_other_feed(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    _, forger = await a_subscription(database, f"{url}?forger", "rss.forger")
    beans, feed = await a_subscription(database, f"{url}?beans", "rss.beans")
    refresher = a_refresher(database, bus)
    served.body = a_feed(**TRUE)
    for each in (forger, feed):  # the forger has it first
        assert await refresher.refresh(await claimed(database, each)) == 1
    served.body = a_feed(**FALSE)
    assert await refresher.refresh(await claimed(database, forger)) == 1
    [article] = (await database.read(articles_of, beans)).values()
    assert article["Subject"] == "Beans are up"


async def test_in_a_room_of_several_feeds_an_edited_copy_replaces_no_item_of_another_feed(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    room, forger = await a_subscription(database, f"{url}?forger")
    refresher = a_refresher(database, bus)
    served.body = a_feed(**TRUE)
    assert await refresher.refresh(await claimed(database, forger)) == 1
    feed = await database.transact(add_feed, room, f"{url}?beans")
    for each, texts, new in ((feed, TRUE, 0), (forger, FALSE, 1), (feed, TRUE, 0)):
        served.body = a_feed(**texts)
        assert await refresher.refresh(await claimed(database, each)) == new
    subjects = sorted(article["Subject"] for article in (await database.read(articles_of, room)).values())
    assert subjects == ["Beans are poison", "Beans are up"]
    served.body = a_feed(**(TRUE | {"text": "They came up on Saturday."}))
    assert await refresher.refresh(await claimed(database, feed)) == 1
    articles = (await database.read(articles_of, room)).values()
    assert sorted(article["Subject"] for article in articles) == ["Beans are poison", "Beans are up"]
    assert all(article["Supersedes"] is None for article in articles if article["Subject"] == "Beans are up")


async def test_a_copy_that_was_cancelled_everywhere_does_not_keep_the_item_from_its_own_feed(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    _, forger = await a_subscription(database, f"{url}?forger", "rss.forger")
    beans, feed = await a_subscription(database, f"{url}?beans", "rss.beans")
    refresher = a_refresher(database, bus)
    for texts in (TRUE, FALSE):
        served.body = a_feed(**texts)
        await refresher.refresh(await claimed(database, forger))
    served.body = a_feed(**TRUE)
    assert await refresher.refresh(await claimed(database, feed)) == 1
    [article] = (await database.read(articles_of, beans)).values()
    assert article["Newsgroups"] == "rss.beans"


@pytest.mark.parametrize(
    "other", [{"author": "Mallory"}, {"date": "Mon, 02 Nov 2026"}, {"title": "Beans are down"}, {"text": "Ha."}]
)
async def test_an_item_that_reads_differently_is_an_article_of_its_own(
    database: Database, bus: Bus, server: tuple[Served, str], other: dict[str, str]
) -> None:
    served, url = server
    rooms = []
    for name, change in (("forger", other), ("beans", {})):
        room, feed = await a_subscription(database, f"{url}?{name}", f"rss.{name}")
        served.body = a_feed(**(TRUE | change))
        assert await a_refresher(database, bus).refresh(await claimed(database, feed)) == 1
        rooms.append(room)
    first, second = [(await database.read(articles_of, room))[1]["Message-ID"] for room in rooms]
    assert first != second


async def test_feeds_of_one_host_share_an_article_though_their_titles_differ(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    rooms = []
    for name in ("Beans", "All vegetables"):
        room, feed = await a_subscription(database, f"{url}?{len(name)}", f"rss.x{len(name)}")
        served.body = a_feed(**TRUE, author="", name=name)
        assert await a_refresher(database, bus).refresh(await claimed(database, feed)) == 1
        rooms.append(room)
    first, second = [(await database.read(articles_of, room))[1]["Message-ID"] for room in rooms]
    assert first == second


async def test_a_feed_whose_items_another_feed_brought_first_may_be_removed_and_added_again(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    _, first = await a_subscription(database, f"{url}?first", "rss.first")
    room, second = await a_subscription(database, f"{url}?second", "rss.second")
    refresher = a_refresher(database, bus)
    served.body = a_feed(**TRUE)
    for each in (first, second):
        assert await refresher.refresh(await claimed(database, each)) == 1
        await database.transact(remove_feed, each.id)
    again = await database.transact(add_feed, room, f"{url}?second")
    assert await refresher.refresh(await claimed(database, again)) == 0
    assert sorted(await database.read(articles_of, room)) == [1]
