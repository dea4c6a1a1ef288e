"""The usage of the proxy by account and host, counted in memory with each request, written every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from twisted.internet.defer import DeferredLock
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.access.usage.add_usage import UsageBatch, UsageKey, UsageRow, add_usage
from shared.access.usage.host_budget import HostBudget
from shared.clock import utc_day
from shared.database.database import Database
from shared.errors import DomainError
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host
from shared.runtime.spawn import spawn

FLUSH_INTERVAL = timedelta(seconds=5)
NOBODY = 0  # the account number of requests without an account
OTHERS = ""  # the host of what is not told apart
OTHER_STATUS = 0
STATUSES = range(100, 1000)  # three digits: RFC 9112 §4
MOST_ROWS = 20_000  # that wait for the store, about 10 MB; as many again may be on their way to it


class Usage:
    """One per process; several add up in the store.

    Memory is bounded: of hosts beyond what HostBudget tells apart, and of rows beyond MOST_ROWS while the store is
    away, only the sum is kept, under the host "". If the process is killed, FLUSH_INTERVAL's worth is lost.
    """

    _log = Logger()

    def __init__(
        self,
        database: Database,
        reactor: Any,
        interval: timedelta = FLUSH_INTERVAL,
        today: Callable[[], date] = utc_day,
    ) -> None:
        """Writes every `interval` from now on. What is counted within an interval after midnight may be yesterday's."""
        self._database = database
        self._today = today
        self._day = today()
        self._rows: dict[UsageKey, UsageRow] = {}
        self._hosts = HostBudget()
        self._octets: dict[int, int] = {}  # by account, counted today and in no batch yet
        self._octets_in_batch: dict[int, int] = {}
        self._octets_stored: dict[
            int, int
        ] = {}  # those of all copies, of the accounts that octets_today() was asked for
        self._copy, self._number = uuid4(), 0
        self._batch: UsageBatch | None = None  # on its way, and unchanged until the store has it
        self._lock = DeferredLock()
        self._flushes = LoopingCall(lambda: spawn(self.flush(), "writing usage"))
        self._flushes.clock = reactor
        self._flushes.start(interval.total_seconds(), now=False)

    def count(
        self,
        account_id: int | None,
        host: str,
        status: int,
        octets_in: int,
        octets_out: int,
        requests: int = 1,
    ) -> None:
        """Count a request or tunnel that has ended; with `requests=0` some octets of one that goes on.

        `host` in any spelling, quickest in the canonical one (`canonical_host`); octets from and to the client.
        """
        account = account_id or NOBODY
        row = self._rows.get((self._day, account, host, status))
        if row is None:
            row = self._new_row(account, host, status)
        row[0] += requests
        row[1] += octets_in
        row[2] += octets_out
        if account:
            self._octets[account] = self._octets.get(account, 0) + octets_in + octets_out

    def octets_today(self, account_id: int) -> int:
        """What the account has used today (UTC), by all copies: what others count is known an interval later.

        The first answer of a day does not include other copies' octets yet.
        """
        stored = self._octets_stored.setdefault(account_id, 0)
        return stored + self._octets_in_batch.get(account_id, 0) + self._octets.get(account_id, 0)

    async def flush(self) -> None:
        """Write what was counted. Raises StoreUnavailable, StatementTimedOut: it is all kept then, and tried again."""
        await self._lock.acquire()
        try:
            self._begin_day()
            self._make_batch()
            if self._batch is not None or self._octets_stored:
                await self._write()
        finally:
            self._lock.release()

    async def close(self) -> None:
        """Write what is left. While the store is away it is lost, and the log says how much."""
        if self._flushes.running:
            self._flushes.stop()
        try:
            while self._rows or self._batch is not None:
                await self.flush()
        except DomainError as error:
            lost = [*self._rows.values(), *(self._batch.rows.values() if self._batch else ())]
            requests = sum(row[0] for row in lost)
            self._log.warn("{requests} requests are not counted: {reason}", requests=requests, reason=repr(error))

    def _new_row(self, account: int, host: str, status: int) -> UsageRow:
        """The row to count on: a new one, or one of those that hold sums."""
        if status not in STATUSES:
            status = OTHER_STATUS
        host = _spelled(host)
        if not self._hosts.tells_apart(account, host) or len(self._rows) >= MOST_ROWS:
            host = OTHERS
        if len(self._rows) >= 2 * MOST_ROWS:
            status = OTHER_STATUS
        return self._rows.setdefault((self._day, account, host, status), [0, 0, 0])

    def _begin_day(self) -> None:
        today = self._today()
        if today != self._day:
            self._day = today
            self._hosts.clear()
            self._octets, self._octets_in_batch, self._octets_stored = {}, {}, {}

    def _make_batch(self) -> None:
        if self._batch is None and self._rows:
            self._number += 1
            self._batch = UsageBatch(self._copy, self._number, self._rows)
            self._rows = {}
            self._octets_in_batch, self._octets = self._octets, {}

    async def _write(self) -> None:
        day, asked = self._day, list(self._octets_stored)
        try:
            octets = await self._database.transact(add_usage, self._batch, day, asked)
        except DomainError:
            raise  # the batch stays, and is counted once even if it was written after all
        except Exception:
            self._batch = None  # a bug, which would be there the next time, too
            raise
        self._batch, self._octets_in_batch = None, {}
        self._octets_stored.update(octets)


def _spelled(host: str) -> str:
    """The one spelling of a host; text that is no host, and was refused, is counted under OTHERS."""
    try:
        return canonical_host(host)
    except HostUnusable:
        return OTHERS
