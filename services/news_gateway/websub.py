"""The address that hubs call (W3C WebSub): they ask whether it was we who subscribed, and push what is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from twisted.logger import Logger
from twisted.web.server import Request

from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreFull, StoreUnavailable
from shared.feeds.errors import FeedLost, FeedNotFound, NotAFeed
from shared.feeds.hubs.confirm import confirm, refuse
from shared.feeds.hubs.feed_hub import FeedHub
from shared.feeds.hubs.note_hub import find_hub
from shared.feeds.hubs.push import claim_pushed, give_up_pushed
from shared.feeds.hubs.signature import is_signed
from shared.feeds.limits import line
from shared.feeds.refresh import Refresher
from shared.reach.fetch import MOST_OCTETS
from shared.runtime.async_page import TEXT, AsyncPage, WebAnswer
from shared.runtime.bounded_site import BoundedRequest, BoundedSite
from shared.runtime.in_thread import in_thread

DOOR = "websub"
MOST_OCTETS_OF_ALL = 32 << 20  # three of the largest documents; a hub that is refused sends it again
MOST_TOKEN_OCTETS = 100
FIELDS = {b"x-content-type-options": b"nosniff", b"cache-control": b"no-store"}
_UNKNOWN = WebAnswer(404, TEXT, b"There is no such subscription.\n")
_GONE = WebAnswer(410, TEXT, b"There is no such subscription any more.\n")  # ends it at the hub (WebSub §7)
_TAKEN = WebAnswer(202, TEXT, b"Taken.\n")
_LATER = WebAnswer(503, TEXT, b"Try again later.\n", {b"retry-after": b"60"})


class PushRequest(BoundedRequest):
    """A request of a hub: its body is a document, and never a form to be taken apart, whatever it says."""

    most_body_octets = MOST_OCTETS
    most_octets_of_all = MOST_OCTETS_OF_ALL
    document_type = ""

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The whole request has come."""
        self.document_type = self.getHeader("content-type") or ""
        self.requestHeaders.removeHeader("content-type")
        super().requestReceived(command, path, version)


class HubCalls:
    """The answers to hubs."""

    _log = Logger()

    def __init__(self, database: Database, refresher: Refresher, process: UUID, reactor: Any) -> None:
        """`process` is the one that leases of feeds are for."""
        self._database = database
        self._refresher = refresher
        self._process = process
        self._reactor = reactor

    async def answer(self, request: Any) -> WebAnswer:
        """The answer to a GET or POST, whose path ends with a token."""
        token = request.path.rpartition(b"/")[2][:MOST_TOKEN_OCTETS].decode("ascii", "replace").replace("\0", "")
        try:
            return await (
                self._pushed(request, token) if request.method == b"POST" else self._confirmed(request, token)
            )
        except (StoreUnavailable, StatementTimedOut, StoreFull):
            return _LATER

    async def _confirmed(self, request: Request, token: str) -> WebAnswer:
        mode, topic, challenge = (_argument(request, name) for name in (b"hub.mode", b"hub.topic", b"hub.challenge"))
        if mode == "denied":
            reason = line(_argument(request, b"hub.reason"))
            return _TAKEN if await self._database.transact(refuse, token, topic, reason) else _UNKNOWN
        if mode != "subscribe" or not challenge:  # we end a subscription by 410, and never ask a hub to
            return _UNKNOWN
        lease = _seconds(_argument(request, b"hub.lease_seconds"))
        if not await self._database.transact(confirm, token, topic, lease):
            return _UNKNOWN
        self._log.info("a hub pushes {topic} from now on", topic=topic)
        return WebAnswer(200, TEXT, challenge.encode())

    async def _pushed(self, request: Any, token: str) -> WebAnswer:
        try:
            hub = await self._database.read(find_hub, token)
        except FeedNotFound:
            return _GONE
        body = request.content.getvalue()
        signature = request.getHeader("x-hub-signature") or ""
        if not await in_thread(self._reactor, is_signed, signature, hub.secret, body):
            self._log.warn("what was pushed of {topic} is not signed by its hub", topic=hub.topic)
            return _TAKEN  # WebSub §8: who guesses learns nothing
        await self._take(hub, body, request.document_type)
        return _TAKEN

    async def _take(self, hub: FeedHub, body: bytes, content_type: str) -> None:
        feed = await self._database.transact(claim_pushed, self._process, hub.feed_id)
        if feed is None:
            return
        try:
            new = await self._refresher.take_pushed(feed, body, content_type)
            self._log.info("{new} articles of {url} were pushed by its hub", new=new, url=feed.url)
        except FeedLost:
            pass
        except NotAFeed:
            self._log.warn("what {hub} pushes is no feed", hub=hub.hub)
            await self._database.transact(give_up_pushed, self._process, feed.id)


def hub_site(calls: HubCalls) -> BoundedSite:
    """The site of the door: every path that ends with a token."""
    page: Any = AsyncPage(calls.answer, "answering a hub", methods=(b"GET", b"POST"), fields=FIELDS)
    return BoundedSite(page, PushRequest)


def _argument(request: Any, name: bytes) -> str:
    value: bytes = request.args.get(name, [b""])[0]
    return value.decode("utf-8", "replace").replace("\0", "")


def _seconds(text: str) -> timedelta | None:
    return timedelta(seconds=int(text[:9])) if text.isascii() and text.isdigit() else None
