"""The sessions as this process knows them: remembered for seconds, forgotten when their account changes."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from services.wiki.sessions.session import (
    USED_STEP_SECONDS,
    WebSession,
    csrf_of,
    digest_of,
    is_secret,
    new_secret,
)
from services.wiki.sessions.stored import begin_session, end_session, find_session, use_session
from shared.accounts.account import Account
from shared.accounts.channel import ACCOUNTS
from shared.accounts.http_credentials import HttpCredentials
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.runtime.spawn import spawn

REMEMBERED_SECONDS = 30.0  # should news of a change be lost
KEPT_WITHOUT_STORE_SECONDS = 3600.0  # while the store is away members stay signed in, to read what is cached
MOST_OCTETS = 4 << 20  # some 5,000 sessions
SESSION_OCTETS = 4 * ENTRY_OCTETS
ACCOUNTS_OCTETS = 1 << 20


class _Known:
    __slots__ = ("looked_at", "session")

    def __init__(self, session: WebSession, looked_at: float) -> None:
        self.session = session
        self.looked_at = looked_at


class KnownSessions:
    """One for each process; it follows the accounts on `bus`."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        credentials: HttpCredentials,
        limit: timedelta,
        kept_limit: timedelta,
    ) -> None:
        """`limit`: the longest a session may be unused; `kept_limit`: the same for those that stay signed in."""
        self._database = database
        self._credentials = credentials
        self._limit, self._kept_limit = limit, kept_limit
        self._known: BoundedCache[bytes, _Known] = BoundedCache(MOST_OCTETS, lambda _known: SESSION_OCTETS)
        self.accounts: BoundedCache[int, Account] = BoundedCache(ACCOUNTS_OCTETS, lambda _account: ENTRY_OCTETS * 2)
        self._changes = 0
        bus.watch(ACCOUNTS, EVERYTHING, self._changed)

    async def begin(
        self, account: Account, agent: str, host: str, now: datetime, *, kept: bool = False
    ) -> tuple[str, WebSession]:
        """A new session and its secret, which belongs into the cookie. Raises StoreUnavailable, AccountNotFound."""
        secret = new_secret()
        digest, expires_at = digest_of(secret), now + self._limit_of(kept)
        await self._database.transact(begin_session, digest, account.id, agent, host, expires_at, kept)
        return secret, WebSession(digest, account, csrf_of(secret), expires_at, kept, now)

    async def find(self, secret: str, now: datetime) -> WebSession | None:
        """The session of a cookie; None if it is over, ended, or never was. Raises StoreUnavailable."""
        if not is_secret(secret):
            return None
        digest, seconds = digest_of(secret), self._database.clock.seconds()
        known = self._known.get(digest)
        if known is None or seconds - known.looked_at > REMEMBERED_SECONDS:
            session = await self._look(digest, secret, known, seconds)
        else:
            session = known.session
        if session is None or session.expires_at <= now:
            return None
        if (now - session.used_at).total_seconds() > USED_STEP_SECONDS:
            session = session._replace(used_at=now, expires_at=now + self._limit_of(session.kept))
            self._known.drop(digest)
            self._known.put(digest, _Known(session, seconds))
            spawn(self._use(session), "noting the use of a session")
        return session

    async def end(self, session: WebSession) -> None:
        """Sign out. Raises StoreUnavailable."""
        await self._database.transact(end_session, session.id, session.account.id)
        self._known.drop(session.id)

    def forget_all(self) -> None:
        """Ask the store again for every session."""
        self._changes += 1
        self._known = BoundedCache(MOST_OCTETS, lambda _known: SESSION_OCTETS)

    async def _look(self, digest: bytes, secret: str, known: _Known | None, seconds: float) -> WebSession | None:
        changes = self._changes
        try:
            stored = await self._database.read(find_session, digest)
        except (StoreUnavailable, StatementTimedOut):
            if known is None or seconds - known.looked_at > KEPT_WITHOUT_STORE_SECONDS:
                raise
            return known.session
        self._known.drop(digest)
        if stored is None:
            return None
        session = WebSession(digest, stored.account, csrf_of(secret), stored.expires_at, stored.kept, stored.used_at)
        if changes == self._changes:
            self._known.put(digest, _Known(session, seconds))
        return session

    async def _use(self, session: WebSession) -> None:
        with suppress(StoreUnavailable, StatementTimedOut):  # it is noted at a later use
            await self._database.transact(use_session, session.id, session.expires_at)

    def _limit_of(self, kept: bool) -> timedelta:
        return self._kept_limit if kept else self._limit

    def _changed(self, account_id: int | None) -> None:
        """Accounts change rarely: the sessions of all are looked at again."""
        self.forget_all()
        if account_id is None:
            self._credentials.doubt()
            self.accounts = BoundedCache(ACCOUNTS_OCTETS, lambda _account: ENTRY_OCTETS * 2)
        else:
            self._credentials.forget(account_id)
            self.accounts.drop(account_id)
