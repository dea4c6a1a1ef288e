"""The newest rules and limits that this process knows, without asking the store for each request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.access.channel import ACCESS
from shared.access.limits.account_access import AccountAccess
from shared.access.read_rules import Access, read_access, read_revision
from shared.access.rules.rules import Rules, UnknownRules
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import POLL_INTERVAL, Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.runtime.until_quiet import UntilQuiet


class Rulebook:
    """`rules` is always what is known now, and replaced as a whole.

    While the store is away what is known stays. Before anything was read for the first time nothing is permitted, and
    nobody has limits.
    """

    _log = Logger()

    def __init__(self, database: Database, bus: Bus, reactor: Any, poll_interval: timedelta = POLL_INTERVAL) -> None:
        self.rules: Rules = UnknownRules()
        self._access = Access(self.rules, {}, AccountAccess())
        self._database = database
        self._bus = bus
        self._watch: Watch | None = None
        self._reads = UntilQuiet(self.refresh, "reading the proxy's rules")
        self._poll_interval = poll_interval
        self._polls = LoopingCall(self._reads.look)
        self._polls.clock = reactor

    async def start(self) -> None:
        """Read the rules, and from now on every change of them. Returns also when the store is away."""
        self._watch = self._bus.watch(ACCESS, EVERYTHING, lambda _revision: self._reads.look())
        self._polls.start(self._poll_interval.total_seconds(), now=False)
        try:
            await self._reads.look_now()
        except DomainError as error:
            self._log.warn("no rules yet, every request is refused: {reason}", reason=repr(error))

    @property
    def is_known(self) -> bool:
        """Whether rules were read."""
        return not isinstance(self.rules, UnknownRules)

    def account(self, account_id: int | None) -> AccountAccess | None:
        """The limits of an account, its own or everybody's; None for requests without an account."""
        if account_id is None:
            return None
        return self._access.accounts.get(account_id, self._access.everybody)

    async def refresh(self) -> None:
        """Read the rules and limits from the store.

        Raises StoreUnavailable, StatementTimedOut; those that are known stay in force then.
        """
        if self.is_known and await self._database.read(read_revision) == self.rules.revision:
            return
        self._access = await self._database.read_snapshot(read_access)
        self.rules = self._access.rules
        self._log.info(
            "the proxy's rules are read (number: {count}, mode: {mode}, revision: {revision})",
            count=len(self.rules),
            mode=self.rules.mode.value,
            revision=self.rules.revision,
        )

    async def close(self) -> None:
        """End the watch."""
        if self._watch is not None:
            self._watch.stop()
        if self._polls.running:
            self._polls.stop()
