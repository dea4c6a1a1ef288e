"""The newest rules and limits that this process knows, without asking the store for each request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from twisted.logger import Logger

from shared.access.channel import ACCESS
from shared.access.limits.account_access import AccountAccess
from shared.access.read_rules import Access, read_access, read_revision
from shared.access.rules.rules import Rules, UnknownRules
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import POLL_INTERVAL, Bus
from shared.events.follow import Follower


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
        self._follower = Follower(bus, ACCESS, self.refresh, "reading the proxy's rules", reactor, poll_interval)

    async def start(self) -> None:
        """Read the rules, and from now on every change of them. Returns also when the store is away."""
        try:
            await self._follower.start()
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
        self._follower.close()
