"""The settler of a process: it commits the outcomes of attempts, many in one transaction, and logs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

from twisted.internet.task import deferLater

from shared.database.database import Database
from shared.database.gathering import Gathering
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.outbound.attempt_lines import record_attempt, record_reports
from shared.outbound.claim import QueuedRecipient
from shared.outbound.outcome import AttemptOutcome, Settled
from shared.outbound.settle import Settling, settle
from shared.runtime.spawn import spawn

AGAIN_SECONDS = 1.0  # the store is asked again to settle what was sent


class Settler:
    """Settles outcomes in the order they come, one transaction at a time."""

    def __init__(
        self,
        database: Database,
        settling: Settling,
        reactor: Any,
        let_go: Callable[[Iterable[QueuedRecipient]], None],
    ) -> None:
        """`let_go` is called with the recipients whose outcomes are committed."""
        self._settling = settling
        self._reactor = reactor
        self._let_go = let_go
        self._is_closing = False
        self._gathering: Gathering[Sequence[AttemptOutcome], Settled] = Gathering(
            database, self._settle_all, weigh=len, most_at_once=1
        )

    def begin(self, outcomes: Sequence[AttemptOutcome], seconds: float) -> None:
        """Begin to settle the outcomes of an attempt that took so long; a failure is logged."""
        spawn(self.settle(outcomes, seconds), "settling mail")

    async def settle(self, outcomes: Sequence[AttemptOutcome], seconds: float) -> None:
        """Settle them, however long the store is away: what was delivered must not be sent again."""
        if not outcomes:
            return
        while True:
            try:
                settled = await self._gathering.submit(outcomes)
                break
            except DomainError as error:
                if not error.temporary or self._is_closing:
                    raise
            await deferLater(self._reactor, AGAIN_SECONDS)
        self._let_go(each.recipient for each in outcomes)
        record_attempt(settled.outcomes, seconds)
        record_reports(settled.reports)

    def stop_retrying(self) -> None:
        """The process closes: outcomes that the store does not take are not tried again, and are lost."""
        self._is_closing = True

    async def close(self) -> None:
        """Returns when all that was accepted is committed or lost."""
        self._is_closing = True
        await self._gathering.close()

    def _settle_all(self, tx: Transaction, items: Sequence[Sequence[AttemptOutcome]]) -> Sequence[Settled]:
        settled = settle(tx, list(chain.from_iterable(items)), self._settling)
        kept = {each.recipient.id: each for each in settled.outcomes}
        reports = iter([settled.reports])  # with the first item
        return [
            Settled([kept[each.recipient.id] for each in item if each.recipient.id in kept], next(reports, ()))
            for item in items
        ]
