"""News between processes: published after the commit, by Redis; without Redis everyone looks for news by himself.

An event only wakes: it says where to look. Losing one costs a delay, never a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.events.events import AccessChanged, AccountChanged, DomainsChanged, FolderChanged
from shared.events.gathered_news import GatheredNews, parse_accounts, parse_folders
from shared.events.redis import RedisConnection
from shared.events.redis_url import parse_redis_url
from shared.events.rounds import Rounds
from shared.events.watches import Call, Watch, Watches

POLL_INTERVAL = timedelta(seconds=5)
# After a reconnect all watches look at the store once; 2,000 of them within a second are no stampede.
CATCH_UP = timedelta(seconds=1)
NO_ACCOUNT = 0  # no account has this number; whoever remembers addresses watches all accounts
LOOK = b"*"  # said by who could not tell what is new: look at the store
EVERY_ACCOUNT = 0  # the key under which watches of all accounts are kept
ACCESS = 0  # the key of those who watch the proxy's rules: there is one set of them


class Bus:
    """One per process; `redis` is open to others for small numbers that may be lost."""

    _log = Logger()

    def __init__(self, reactor: Any, url: str, poll_interval: timedelta = POLL_INTERVAL) -> None:
        """Redis may be away. `url` includes the password."""
        self._reactor = reactor
        self._poll_interval = poll_interval
        # One server may serve several stacks, each with a database number of its own; channels have none.
        number = parse_redis_url(url).database
        self._folder_channel, self._account_channel = f"agora:{number}:folders", f"agora:{number}:accounts"
        self._access_channel = f"agora:{number}:access"
        self._folders, self._accounts, self._access = Watches(), Watches(), Watches()
        self._news = GatheredNews(reactor, self._publish)
        self._rounds = Rounds(reactor)
        self._away_since: float | None = None
        self._hears_of_access = False
        self._hears_of_folders = False  # who only delivers need not hear of its own deliveries
        self._untold = False  # something was announced that nobody may have heard
        self.redis = RedisConnection(reactor, url, changed=self._look_at_connections)
        self._listening = RedisConnection(
            reactor,
            url,
            channels=[self._account_channel],
            receive=self._receive,
            changed=self._look_at_connections,
        )
        self._sign_of_life = LoopingCall(self._ask_for_sign_of_life)
        self._sign_of_life.clock = reactor
        reactor.callWhenRunning(self._start)

    @property
    def is_connected(self) -> bool:
        """News come and go at once."""
        return self.redis.is_connected and self._listening.is_connected

    def health(self) -> str | None:
        """None, or why news are slow."""
        return self._listening.away_because or self.redis.away_because

    def announce(self, events: Iterable[FolderChanged | AccountChanged | DomainsChanged | AccessChanged]) -> None:
        """Tell everyone, after the commit. Never fails and never waits.

        While Redis is away nothing is sent; once it is back, others are told that they missed something.
        """
        for event in events:
            if isinstance(event, FolderChanged):
                self._news.add_folder(event.folder_id, event.modseq)
            elif isinstance(event, AccountChanged):
                self._news.add_account(event.account_id)
            elif isinstance(event, DomainsChanged):
                self._news.add_account(NO_ACCOUNT)
            else:  # so rare that there is nothing to gather
                self.redis.tell("PUBLISH", self._access_channel, event.revision, failed=self._remember_untold)

    def watch_folder(self, folder_id: int, call: Call) -> Watch:
        """Have `call(modseq)` called for each change of the folder, maybe several changes at once.

        `call(None)` says that some may have been missed: after a reconnect, and once every poll interval while Redis
        is away. Look at the store from the position that you know, then.
        """
        watch = self._folders.add(folder_id, call)
        if not self._hears_of_folders:
            self._hears_of_folders = True
            self._listening.hear(self._folder_channel, self._look_at_folders)
        return watch

    def watch_accounts(self, call: Call) -> Watch:
        """Have `call(account_id)` called for each change of any account; `call(None)` as for folders.

        `call(NO_ACCOUNT)` says that the domains changed.
        """
        return self._accounts.add(EVERY_ACCOUNT, call)

    def watch_access(self, call: Call) -> Watch:
        """Have `call(revision)` called for each change of the proxy's rules and limits; `call(None)` as for folders."""
        watch = self._access.add(ACCESS, call)
        if not self._hears_of_access:
            self._hears_of_access = True
            self._listening.hear(self._access_channel, lambda: self._access.tell(ACCESS, None))
        return watch

    async def close(self) -> None:
        """Send what is gathered, then hang up."""
        self._news.flush()
        self._rounds.stop()
        if self._sign_of_life.running:
            self._sign_of_life.stop()
        await self._listening.close()
        await self.redis.close()

    def _start(self) -> None:
        self._sign_of_life.start(self._poll_interval.total_seconds(), now=False)

    def _ask_for_sign_of_life(self) -> None:
        """A connection that does not answer is hung up by its reply timeout; a silent one would never be missed."""
        self._listening.send("PING")
        self.redis.send("PING")

    def _publish(self, folders: bytes, accounts: bytes) -> None:
        if folders:
            self.redis.tell("PUBLISH", self._folder_channel, folders, failed=self._remember_untold)
        if accounts:
            self.redis.tell("PUBLISH", self._account_channel, accounts, failed=self._remember_untold)

    def _remember_untold(self) -> None:
        self._untold = True

    def _tell_untold(self) -> None:
        """Others may have been connected while this process was not: have them look at the store."""
        if self._untold and self.redis.is_connected:
            self._untold = False
            self.redis.send("PUBLISH", self._account_channel, LOOK, failed=self._remember_untold)  # all hear this one

    def _receive(self, channel: str, message: bytes) -> None:
        if message == LOOK:
            self._rounds.once(self._everyone, CATCH_UP)
        elif channel == self._folder_channel:
            for folder_id, modseq in parse_folders(message):
                self._folders.tell(folder_id, modseq)
        elif channel == self._access_channel:
            if message.isdigit():
                self._access.tell(ACCESS, int(message))
        else:
            for account_id in parse_accounts(message):
                self._accounts.tell(EVERY_ACCOUNT, account_id)

    def _look_at_folders(self) -> None:
        """The channel is heard from now on: what came before is to be looked for."""
        for watch in list(self._folders):
            watch.tell(None)

    def _look_at_connections(self) -> None:
        self._tell_untold()
        if self.is_connected:
            self._came_back()
        elif self._listening.has_failed or self.redis.has_failed:
            self._went_away()

    def _went_away(self) -> None:
        if self._away_since is None:
            self._away_since = self._reactor.seconds()
            self._log.warn("Redis is away, news are slow: {reason}", reason=self.health())
        self._rounds.keep_going(self._everyone, self._poll_interval)

    def _came_back(self) -> None:
        if self._away_since is not None:
            seconds = self._reactor.seconds() - self._away_since
            self._log.info("Redis is back after {seconds:.1f} s", seconds=seconds)
        self._away_since = None
        self._rounds.once(self._everyone, CATCH_UP)

    def _everyone(self) -> list[Watch]:
        return [*self._access, *self._accounts, *self._folders]
