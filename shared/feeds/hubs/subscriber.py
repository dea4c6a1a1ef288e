"""Subscribing to feeds at their hubs (WebSub §5.1), and again before a lease ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.database.database import Database
from shared.errors import DomainError
from shared.feeds.hubs.claim_hubs import claim_hubs, note_hub_error
from shared.feeds.hubs.confirm import LEASE
from shared.feeds.hubs.feed_hub import FeedHub
from shared.reach.fetch import Fetcher
from shared.reach.fetch_errors import FetchFailed
from shared.runtime.until_quiet import UntilQuiet

LOOK_EVERY = timedelta(seconds=30)  # one query that finds nothing, as a rule
MOST_AT_ONCE = 10  # requests, each for up to 30 s
MOST_ANSWER_OCTETS = 64 << 10  # a hub answers with nothing, or with a sentence
FORM = "application/x-www-form-urlencoded"


class HubSubscriber:
    """One for each process that may be called by hubs; any number of such processes share the hubs."""

    _log = Logger()

    def __init__(self, database: Database, fetcher: Fetcher, callback: str, reactor: Any, *, private: bool) -> None:
        """`callback` is the address that hubs call, less the token; `private`: hubs may be in private networks."""
        self._database = database
        self._fetcher = fetcher
        self._callback = callback.rstrip("/")
        self._private = private
        self._asking: set[Deferred[None]] = set()
        self._look = UntilQuiet(self._claim, "looking for hubs that are to be asked")
        self._looks = LoopingCall(self._look.look)
        self._looks.clock = reactor
        self._is_closed = False
        self._looks.start(LOOK_EVERY.total_seconds(), now=True)

    async def close(self) -> None:
        """Ask no more; what is under way ends here."""
        self._is_closed = True
        self._looks.stop()
        for asking in list(self._asking):
            asking.cancel()

    async def _claim(self) -> None:
        free = MOST_AT_ONCE - len(self._asking)
        for hub in await self._database.transact(claim_hubs, free) if free > 0 else ():
            if not self._is_closed:
                self._begin(hub)

    def _begin(self, hub: FeedHub) -> None:
        asking: Deferred[None] = Deferred.fromCoroutine(self._ask(hub))
        if not asking.called:
            self._asking.add(asking)
            asking.addBoth(lambda _result: self._asking.discard(asking))

    async def _ask(self, hub: FeedHub) -> None:
        try:
            error = await self.subscribe(hub)
            if error:
                self._log.warn("{hub} pushes nothing of {topic}: {error}", hub=hub.hub, topic=hub.topic, error=error)
                await self._database.transact(note_hub_error, hub.token, error)
        except CancelledError:
            pass  # the process closes
        except DomainError as error:
            self._log.warn("a hub was not asked to the end: {reason}", reason=repr(error))
        except Exception:
            self._log.failure("{hub} was not asked to the end", hub=hub.hub)

    async def subscribe(self, hub: FeedHub) -> str:
        """Ask the hub to push the feed; a sentence if it does not take the request. It confirms by calling us."""
        form = {
            "hub.mode": "subscribe",
            "hub.topic": hub.topic,
            "hub.callback": f"{self._callback}/{hub.token}",
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
            "hub.secret": hub.secret,
        }
        try:
            answer = await self._fetcher.post(
                hub.hub, urlencode(form).encode(), FORM, octets=MOST_ANSWER_OCTETS, private=self._private
            )
        except FetchFailed as error:
            return str(error)
        if answer.status // 100 == 2:
            return ""
        return f"the hub answers with status {answer.status}"
