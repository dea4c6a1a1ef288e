"""Hubs push feeds: subscribing, confirming, signatures, renewal, and what strangers send to the address of hubs."""

from __future__ import annotations

import hashlib
import hmac
import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from twisted.web.resource import Resource
from twisted.web.server import Site

from services.news_gateway.websub import HubCalls, hub_site
from shared.administration import feeds
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.feeds.change_feed import remove_feed
from shared.feeds.hubs import push
from shared.feeds.hubs.claim_hubs import claim_hubs
from shared.feeds.hubs.confirm import LEASE
from shared.feeds.hubs.feed_hub import FeedHub
from shared.feeds.hubs.list_hubs import list_hubs
from shared.feeds.hubs.subscriber import HubSubscriber
from shared.feeds.list_feeds import find_feed
from shared.feeds.refresh import Refresher
from shared.feeds.subscription import FeedSubscription
from shared.feeds.tests.feed_server import (
    PROCESS,
    Served,
    a_feed_server,
    a_refresher,
    a_subscription,
    articles_of,
    claimed,
)
from shared.reach.fetch import Fetcher
from shared.rooms.room import Room
from shared.runtime.in_thread import in_thread
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving
from shared.testing.until import until


@dataclass
class Hub:
    """A hub that notes what it is asked, and answers with a status."""

    port: int = 0
    status: int = 202
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"


class _HubPage(Resource):
    isLeaf = True

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self._hub = hub

    def render_POST(self, request: Any) -> bytes:
        form = parse_qs(request.content.getvalue().decode())
        self._hub.asked.append({name: values[0] for name, values in form.items()})
        request.setResponseCode(self._hub.status)
        return b""


@dataclass
class Pushed:
    """A feed that a hub pushes to us: all servers, and our parts."""

    database: Database
    refresher: Refresher
    fetcher: Fetcher
    hub: Hub
    feed: Served
    url: str
    port: int = 0  # of our own address for hubs

    def subscriber(self) -> HubSubscriber:
        return HubSubscriber(
            self.database, self.fetcher, f"http://127.0.0.1:{self.port}/websub/", running_reactor(), private=True
        )

    async def of(self, feed: FeedSubscription) -> FeedHub:
        return (await self.database.read(list_hubs))[feed.id]

    async def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, bytes]:
        """What we answer to a hub."""

        def exchange() -> tuple[int, bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()

        return await in_thread(running_reactor(), exchange)

    async def confirm(self, hub: FeedHub, **changes: str) -> tuple[int, bytes]:
        """The hub asks whether it was we."""
        asked = {"mode": "subscribe", "topic": hub.topic, "challenge": "c4a11e", "lease_seconds": "86400"} | changes
        query = urlencode({f"hub.{name}": value for name, value in asked.items()})
        return await self.call("GET", f"/websub/{hub.token}?{query}")

    async def push(self, hub: FeedHub, body: bytes, *, secret: str | None = None, **headers: str) -> tuple[int, bytes]:
        """The hub sends a document, signed."""
        signature = hmac.new((secret or hub.secret).encode(), body, hashlib.sha256).hexdigest()
        fields = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "application/rss+xml"} | headers
        return await self.call("POST", f"/websub/{hub.token}", body, fields)

    async def subscribed(self) -> tuple[Room, FeedSubscription, FeedHub]:
        """A feed whose hub has confirmed, and that was read some time ago."""
        room, feed = await a_subscription(self.database, self.url)
        await self.refresher.refresh(await claimed(self.database, feed))
        await self.database.transact(claim_hubs, 10)
        hub = await self.of(feed)
        assert await self.confirm(hub) == (200, b"c4a11e")
        await self.database.transact(_read_before, feed.id)
        return room, feed, await self.of(feed)


def _read_before(tx: Transaction, feed_id: int) -> None:
    tx.execute("UPDATE feed SET answered_at = now() - interval '1 minute' WHERE id = %s", (feed_id,))


def _due(tx: Transaction, feed_id: int) -> None:
    tx.execute("UPDATE feed_hub SET next_try_at = now() WHERE feed_id = %s", (feed_id,))


def _next_try(tx: Transaction, feed_id: int) -> datetime:
    at: datetime = tx.value("SELECT next_try_at FROM feed_hub WHERE feed_id = %s", (feed_id,))
    return at


def rss(*titles: str) -> bytes:
    items = "".join(f"<item><title>{title}</title><guid>{title}</guid></item>" for title in titles)
    return f"<rss version='2.0'><channel><title>Beans</title>{items}</channel></rss>".encode()


@contextmanager
def a_hub() -> Iterator[Hub]:
    hub = Hub()
    site: Any = Site(_HubPage(hub))
    with serving(site) as hub.port:
        yield hub


@pytest.fixture
def pushed(database: Database, bus: Bus) -> Iterator[Pushed]:
    with a_feed_server() as (served, url), a_hub() as hub:
        served.headers = {"link": f'<{hub.url}>; rel="hub"'}
        served.body = rss("One")
        refresher = a_refresher(database, bus, pushed=True)
        made = Pushed(database, refresher, Fetcher(running_reactor()), hub, served, url)
        site: Any = hub_site(HubCalls(database, refresher, PROCESS, running_reactor()))
        with serving(site) as made.port:
            yield made


async def test_the_hub_of_a_feed_is_asked_and_confirmed_and_asked_again_before_the_lease_ends(pushed: Pushed) -> None:
    _, feed = await a_subscription(pushed.database, pushed.url)
    await pushed.refresher.refresh(await claimed(pushed.database, feed))
    subscriber = pushed.subscriber()
    await until(lambda: len(pushed.hub.asked) == 1)
    await subscriber.close()
    hub = await pushed.of(feed)
    assert pushed.hub.asked == [
        {
            "hub.mode": "subscribe",
            "hub.topic": pushed.url,
            "hub.callback": f"http://127.0.0.1:{pushed.port}/websub/{hub.token}",
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
            "hub.secret": hub.secret,
        }
    ]
    assert hub.active_until is None
    assert await pushed.confirm(hub) == (200, b"c4a11e")
    lease_end = (await pushed.of(feed)).active_until
    assert lease_end is not None
    assert timedelta(hours=23.9) < lease_end - datetime.now(UTC) <= timedelta(hours=24)
    renewed = await pushed.database.read(_next_try, feed.id)
    assert timedelta(hours=18) < renewed - datetime.now(UTC) < timedelta(hours=20)
    await pushed.database.transact(_due, feed.id)
    subscriber = pushed.subscriber()
    await until(lambda: len(pushed.hub.asked) == 2)
    await subscriber.close()
    assert pushed.hub.asked[1] == pushed.hub.asked[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "https://elsewhere.example/"},
        {"challenge": ""},
        {"mode": "unsubscribe"},
        {"mode": ""},
        {"topic": "\0"},
    ],
)
async def test_nothing_is_confirmed_that_was_not_asked(pushed: Pushed, changes: dict[str, str]) -> None:
    _, feed = await a_subscription(pushed.database, pushed.url)
    await pushed.refresher.refresh(await claimed(pushed.database, feed))
    hub = await pushed.of(feed)
    assert (await pushed.confirm(hub))[0] == 404  # the hub was not asked yet
    await pushed.database.transact(claim_hubs, 10)
    assert (await pushed.confirm(hub, **changes))[0] == 404
    assert (await pushed.call("GET", f"/websub/{'x' * 300}?hub.mode=subscribe&hub.challenge=c"))[0] == 404
    assert (await pushed.of(feed)).active_until is None


async def test_what_a_hub_pushes_is_there_once_whether_it_is_polled_before_or_after(pushed: Pushed) -> None:
    room, feed, hub = await pushed.subscribed()
    assert (await pushed.push(hub, rss("Two", "One")))[0] == 202
    assert [article["Subject"] for article in (await pushed.database.read(articles_of, room)).values()] == [
        "One",
        "Two",
    ]
    pushed.feed.body = rss("Two", "One")
    assert await pushed.refresher.refresh(await claimed(pushed.database, feed)) == 0


async def test_a_push_leaves_the_time_of_the_next_poll_and_its_conditions(pushed: Pushed) -> None:
    pushed.feed.headers["etag"] = '"one"'
    _, feed, hub = await pushed.subscribed()
    before = await pushed.database.read(find_feed, feed.id)
    await pushed.push(hub, rss("Two"))
    after = await pushed.database.read(find_feed, feed.id)
    assert (after.etag, after.next_try_at, after.failures) == ('"one"', before.next_try_at, 0)
    assert after.answered_at is not None
    assert before.answered_at is not None
    assert after.answered_at > before.answered_at


async def test_what_is_not_signed_by_the_hub_is_not_taken(pushed: Pushed) -> None:
    room, _, hub = await pushed.subscribed()
    assert (await pushed.push(hub, rss("Two"), secret="other"))[0] == 202  # who guesses learns nothing
    assert (await pushed.call("POST", f"/websub/{hub.token}", rss("Two")))[0] == 202
    assert sorted(await pushed.database.read(articles_of, room)) == [1]


async def test_a_subscription_that_is_no_more_is_ended_at_the_hub(pushed: Pushed) -> None:
    _, feed, hub = await pushed.subscribed()
    await pushed.database.transact(remove_feed, feed.id)
    assert (await pushed.push(hub, rss("Two")))[0] == 410
    assert (await pushed.confirm(hub))[0] == 404


async def test_another_hub_is_asked_with_another_token_and_the_old_one_opens_nothing(pushed: Pushed) -> None:
    room, feed, hub = await pushed.subscribed()
    pushed.feed.headers["link"] = f'<{pushed.hub.url}/new>; rel="hub"'
    await pushed.refresher.refresh(await claimed(pushed.database, feed))
    assert (await pushed.push(hub, rss("Two")))[0] == 410
    fresh = await pushed.of(feed)
    assert (fresh.hub, fresh.active_until) == (f"{pushed.hub.url}/new", None)
    assert {fresh.token, fresh.secret}.isdisjoint({hub.token, hub.secret})
    pushed.feed.headers.pop("link")
    await pushed.refresher.refresh(await claimed(pushed.database, feed))
    assert await pushed.database.read(list_hubs) == {}
    assert sorted(await pushed.database.read(articles_of, room)) == [1]


async def test_what_is_no_feed_is_passed_over_and_the_feed_polled_soon(pushed: Pushed) -> None:
    _, feed, hub = await pushed.subscribed()
    assert (await pushed.push(hub, b"<html><body>Hello</body></html>"))[0] == 202
    after = await pushed.database.read(find_feed, feed.id)
    assert (after.failures, after.error) == (0, "")
    assert after.next_try_at - datetime.now(UTC) < timedelta(minutes=1)
    await claimed(pushed.database, feed)  # its lease has ended


async def test_pushes_that_come_too_fast_become_a_poll(pushed: Pushed, monkeypatch: pytest.MonkeyPatch) -> None:
    room, feed, hub = await pushed.subscribed()  # and read a minute ago
    monkeypatch.setattr(push, "PUSHES_APART", timedelta(seconds=50))  # so long may a machine stall between the two
    for title in ("Two", "Three"):
        assert (await pushed.push(hub, rss(title)))[0] == 202
    assert sorted(await pushed.database.read(articles_of, room)) == [1, 2]
    assert (await pushed.database.read(find_feed, feed.id)).next_try_at - datetime.now(UTC) < timedelta(minutes=1)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_document_that_is_too_large_is_not_read_to_its_end(pushed: Pushed, chunked: bool) -> None:
    _, _, hub = await pushed.subscribed()

    def send() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", pushed.port, timeout=30)
        connection.putrequest("POST", f"/websub/{hub.token}")
        connection.putheader(
            "Transfer-Encoding" if chunked else "Content-Length", "chunked" if chunked else str(1 << 40)
        )
        connection.endheaders()
        try:
            for _ in range(11 if chunked else 1):
                connection.send(b"100000\r\n%b\r\n" % bytes(1 << 20))
        except OSError:
            pass  # it hung up
        return connection.getresponse().status

    assert await in_thread(running_reactor(), send) == 413


async def test_a_form_is_not_taken_apart(pushed: Pushed) -> None:
    _, _, hub = await pushed.subscribed()
    body = b"a&" * 100_000
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await pushed.push(hub, body, **form))[0] == 202


async def test_a_hub_that_refuses_is_told_in_the_list_and_asked_a_day_later(pushed: Pushed) -> None:
    _, feed, hub = await pushed.subscribed()
    assert (await pushed.confirm(hub, mode="denied", reason="no such\r\nfeed"))[0] == 202
    after = await pushed.of(feed)
    assert (after.active_until, after.error) == (None, "the hub refuses: no such feed")
    assert await pushed.database.read(_next_try, feed.id) - datetime.now(UTC) > timedelta(hours=23)


@pytest.mark.parametrize("status", [400, 500])
async def test_a_hub_that_fails_is_told_in_the_list_and_asked_again_later_and_later(
    pushed: Pushed, status: int
) -> None:
    subscriber = pushed.subscriber()
    await subscriber.close()
    pushed.hub.status = status
    _, feed = await a_subscription(pushed.database, pushed.url)
    await pushed.refresher.refresh(await claimed(pushed.database, feed))
    for hours in (1, 2):
        [hub] = await pushed.database.transact(claim_hubs, 10)
        assert await subscriber.subscribe(hub) == f"the hub answers with status {status}"
        wait = await pushed.database.read(_next_try, feed.id) - datetime.now(UTC)
        assert timedelta(hours=hours - 0.1) < wait <= timedelta(hours=hours)
        assert await pushed.database.transact(claim_hubs, 10) == []
        await pushed.database.transact(_due, feed.id)


async def test_no_hub_in_a_private_network_is_asked(pushed: Pushed) -> None:
    _, feed = await a_subscription(pushed.database, pushed.url)
    await pushed.refresher.refresh(await claimed(pushed.database, feed))
    outside = HubSubscriber(pushed.database, pushed.fetcher, "http://us.example", running_reactor(), private=False)
    await outside.close()
    hub = await pushed.of(feed)
    assert await outside.subscribe(hub) == "the address is in a private network, from which nothing is fetched"
    assert pushed.hub.asked == []


async def test_without_an_address_of_ours_no_hub_is_noted(database: Database, bus: Bus, pushed: Pushed) -> None:
    _, feed = await a_subscription(database, pushed.url)
    await a_refresher(database, bus).refresh(await claimed(database, feed))
    assert await database.read(list_hubs) == {}


async def test_the_list_of_feeds_says_until_when_a_feed_is_pushed(pushed: Pushed) -> None:
    _, _, hub = await pushed.subscribed()
    [line] = await pushed.database.read(feeds.list_all)
    assert line.hub == hub
