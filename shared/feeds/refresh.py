"""Asking a feed: one conditional request, and its new items become articles of its room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from twisted.logger import Logger

from shared.database.database import Database
from shared.feeds.article import Source, article_octets
from shared.feeds.errors import FeedLost, NotAFeed
from shared.feeds.feed import Feed
from shared.feeds.hubs.links import HubLinks, hub_links
from shared.feeds.identity import identities, message_id
from shared.feeds.item_records import known_items
from shared.feeds.keep_items import ItemPost, TakenItems, keep_items
from shared.feeds.outcome import Answered, NotAnswered, write_outcome
from shared.feeds.parse_apart import FeedParser
from shared.feeds.schedule import freshness, next_try, not_before
from shared.feeds.sort_items import Sorted, content_of, likeness_of, sort_items
from shared.feeds.subscription import FeedSubscription
from shared.reach.fetch import Fetched, Fetcher
from shared.reach.fetch_errors import FetchFailed
from shared.rooms.article_header import read_article
from shared.rooms.errors import ArticleUnfit, RoomNotFound
from shared.rooms.find_room import find_room_by_id
from shared.rooms.posts.post import Post
from shared.rooms.posts.posting import Origin, Posting, ServerNames
from shared.rooms.reader import STRANGER
from shared.rooms.room import Room
from shared.runtime.in_thread import in_thread

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
_GONE = 410
_NOT_MODIFIED = 304


class Refresher:
    """One for each process that asks feeds."""

    _log = Logger()

    def __init__(
        self,
        database: Database,
        reactor: Any,
        posting: Posting,
        fetcher: Fetcher,
        names: ServerNames,
        now: Callable[[], datetime],
        *,
        private: bool,
        process: UUID,
        pushed: bool = False,
    ) -> None:
        """`private`: feeds may be in private networks; `process` is the one that leases are for.

        `pushed`: hubs reach this server, so those that feeds name are noted.
        """
        self._database = database
        self._reactor = reactor
        self._posting = posting
        self._fetcher = fetcher
        self._names = names
        self._now = now
        self._private = private
        self._process = process
        self._pushed = pushed
        self._parser = FeedParser(reactor)

    async def refresh(self, feed: FeedSubscription) -> int:
        """Ask a feed whose lease this process has, and end the lease; the number of new articles.

        What goes wrong with the feed is written into its row. Raises StoreUnavailable, StatementTimedOut, StoreFull:
        the lease then runs out by itself.
        """
        fetched: Fetched | None = None
        try:
            fetched = await self._fetcher.fetch(feed.url, headers=_conditions(feed), private=self._private)
            if fetched.status == _NOT_MODIFIED:
                await self._end(feed, self._answered(feed, fetched, None))
                return 0
            if fetched.status == 200:
                return await self._take(feed, fetched)
            sentence = f"the server answers with status {fetched.status}"
        except FetchFailed as error:
            sentence = str(error)
        except NotAFeed as error:
            sentence = str(error) or "the document is neither RSS nor Atom nor JSON Feed"
        except FeedLost:
            return 0
        await self._end(feed, self._failed(feed, fetched, sentence))
        return 0

    async def _take(self, feed: FeedSubscription, fetched: Fetched) -> int:
        content_type = fetched.headers.get("content-type", "")
        parsed = await self._parser.parse(fetched.body, content_type, fetched.url)
        hub = hub_links(parsed, fetched.headers, fetched.url) if self._pushed else None
        return await self._keep(feed, parsed, self._answered(feed, fetched, parsed), hub)

    async def take_pushed(self, feed: FeedSubscription, octets: bytes, content_type: str) -> int:
        """Take a document that a hub has sent of a feed whose lease this process has; the number of new articles.

        The feed is polled when it would have been. Raises NotAFeed: the lease goes on then; FeedLost; and the store's
        errors.
        """
        parsed = await self._parser.parse(octets, content_type, feed.url)
        outcome = Answered(parsed.title, feed.url, feed.etag, feed.last_modified, feed.next_try_at)
        return await self._keep(feed, parsed, outcome, None)

    async def _keep(self, feed: FeedSubscription, parsed: Feed, outcome: Answered, hub: HubLinks | None) -> int:
        try:
            room = await self._database.read(find_room_by_id, feed.folder_id)
        except RoomNotFound:
            raise FeedLost(str(feed.id)) from None
        items = await self._sorted(feed, parsed)
        source = Source(parsed.title or feed.title, room.name, self._names.mail_domain)
        posts = []
        for each in items:
            if each.is_new or each.is_edited:
                post = await self._post(each, source, room, feed.url)
                if post is not None:
                    posts.append(ItemPost(each.identity, content_of(each.item, each.identity, feed.url), post))
        taken = TakenItems(feed.id, self._process, room, posts, items, outcome, hub)
        return await self._database.transact(keep_items, taken)

    async def _sorted(self, feed: FeedSubscription, parsed: Feed) -> list[Sorted]:
        known_as = identities(parsed.items, feed.url)
        likenesses = [likeness_of(item) for item in parsed.items]
        known, alike = await self._database.read(known_items, feed.id, known_as, likenesses)
        return sort_items(parsed.items, known_as, known, alike, self._now())

    async def _post(self, each: Sorted, source: Source, room: Room, url: str) -> Post | None:
        """The article of an item, ready to be kept; None, and a line in the log, for one that can be none."""
        domain = self._names.mail_domain
        identifier = message_id(each.identity, url, each.edition, domain)
        last = message_id(each.identity, url, each.edition - 1, domain)
        # In Supersedes another feed's article would have other servers cancel it.
        before = last if each.is_edited and each.article == last.encode() else None
        octets = await in_thread(self._reactor, article_octets, each.item, source, identifier, each.first_seen, before)
        now = self._now()
        try:
            header = read_article(octets, now)
            return await self._posting.prepare(octets, header, [room], STRANGER, Origin("feed", ""), now)
        except ArticleUnfit as error:
            self._log.warn("an item of {url} is no article: {reason}", url=url, reason=str(error))
            return None

    def _answered(self, feed: FeedSubscription, fetched: Fetched, parsed: Feed | None) -> Answered:
        wished = max(
            filter(None, [freshness(fetched.headers), parsed.every if parsed is not None else None]),
            default=timedelta(),
        )
        return Answered(
            title=parsed.title if parsed is not None else "",
            url=fetched.moved_to or feed.url,
            etag=fetched.headers.get("etag", feed.etag if parsed is None else ""),
            last_modified=fetched.headers.get("last-modified", feed.last_modified if parsed is None else ""),
            next_try_at=self._not_before(next_try(self._now(), feed.every, wished=wished), fetched),
        )

    def _failed(self, feed: FeedSubscription, fetched: Fetched | None, sentence: str) -> NotAnswered:
        at = next_try(self._now(), feed.every, failures=feed.failures + 1)
        if fetched is None:
            return NotAnswered(sentence, at)
        if fetched.status == _GONE:
            return NotAnswered("the server says that the feed is gone for good", at, stopped=True)
        return NotAnswered(sentence, self._not_before(at, fetched))

    def _not_before(self, at: datetime, fetched: Fetched) -> datetime:
        wished = not_before(self._now(), fetched.headers)
        return at if wished is None else max(at, wished)

    async def _end(self, feed: FeedSubscription, outcome: Answered | NotAnswered) -> None:
        await self._database.transact(write_outcome, feed.id, self._process, outcome)


def _conditions(feed: FeedSubscription) -> dict[str, str]:
    fields = {"accept": ACCEPT}
    if feed.etag:
        fields["if-none-match"] = feed.etag
    if feed.last_modified:
        fields["if-modified-since"] = feed.last_modified
    return fields
