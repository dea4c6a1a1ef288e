"""The newest rules about senders that a process knows, without asking the store for each message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from twisted.logger import Logger

from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import POLL_INTERVAL, Bus
from shared.events.follow import Follower
from shared.senders.channel import SENDER_RULES
from shared.senders.list_rules import read_sender_revision, read_sender_rules
from shared.senders.rules import SenderRules


class SenderBook:
    """`rules` is always what is known now, and replaced as a whole; while the store is away what is known stays.

    Before anything was read nobody is blocked: without the store no recipient is found either, and no mail taken.
    """

    _log = Logger()

    def __init__(self, database: Database, bus: Bus, reactor: Any, poll_interval: timedelta = POLL_INTERVAL) -> None:
        self.rules = SenderRules({})
        self._database = database
        self._follower = Follower(
            bus, SENDER_RULES, self.refresh, "reading the rules about senders", reactor, poll_interval
        )

    async def start(self) -> None:
        """Read the rules, and from now on every change of them. Returns also when the store is away."""
        try:
            await self._follower.start()
        except DomainError as error:
            self._log.warn("no rules about senders yet: {reason}", reason=repr(error))

    async def refresh(self) -> None:
        """Read the rules from the store, if there are others. Raises StoreUnavailable, StatementTimedOut."""
        if await self._database.read(read_sender_revision) == self.rules.revision:
            return
        self.rules = await self._database.read_snapshot(read_sender_rules)
        self._log.info(
            "the rules about senders are read (number: {count}, revision: {revision})",
            count=len(self.rules),
            revision=self.rules.revision,
        )

    async def close(self) -> None:
        """Read no more."""
        self._follower.close()
