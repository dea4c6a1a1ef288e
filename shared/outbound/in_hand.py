"""The recipients that this process has in hand: claimed and not settled, with their leases and a count by domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from twisted.logger import Logger

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.bodies import load_beginnings
from shared.outbound.at_hand import AtHand, worth_reading
from shared.outbound.claim import MOST_LOOKED_AT, MOST_OF_DOMAIN, QueuedRecipient, claim_due, give_back, renew_leases
from shared.runtime.spawn import spawn


class InHand:
    """At most `most` recipients. What is left in the queue is for other processes."""

    _log = Logger()

    def __init__(self, database: Database, process: UUID, most: int, lease: timedelta, at_hand: AtHand) -> None:
        """`at_hand` is given the octets of what is claimed."""
        self._at_hand = at_hand
        self._database = database
        self._process = process
        self._most = most
        self._lease = lease
        self._recipients: dict[int, QueuedRecipient] = {}
        self._of_domain: Counter[str] = Counter()
        self._is_behind = False  # more may be due than was claimed
        self._cut: frozenset[str] = frozenset()  # domains of which more may be due than one claim takes

    @property
    def is_any(self) -> bool:
        """Whether there are recipients that are claimed and not settled."""
        return bool(self._recipients)

    @property
    def wants_more(self) -> bool:
        """Whether more may be due, and there is room for a claim that is worth a transaction."""
        if len(self._recipients) > self._most // 2:
            return False
        return self._is_behind or any(self._of_domain[domain] <= MOST_OF_DOMAIN // 2 for domain in self._cut)

    async def claim(self) -> Mapping[str, Sequence[QueuedRecipient]]:
        """Claim what is due, as far as there is room: the new recipients by domain.

        Raises StoreUnavailable, StatementTimedOut.
        """
        free = min(self._most - len(self._recipients), MOST_LOOKED_AT)
        self._is_behind = free <= 0
        if free <= 0:
            return {}
        busy = [domain for domain, count in self._of_domain.items() if count >= MOST_OF_DOMAIN]
        claimed, octets = await self._database.transact(claim_with_octets, self._process, free, busy, self._lease)
        self._at_hand.put_all(octets)
        self._is_behind = len(claimed) == free
        by_domain: dict[str, list[QueuedRecipient]] = {}
        for recipient in claimed:
            self._recipients[recipient.id] = recipient
            self._of_domain[recipient.domain] += 1
            by_domain.setdefault(recipient.domain, []).append(recipient)
        full = [domain for domain, recipients in by_domain.items() if len(recipients) >= MOST_OF_DOMAIN]
        self._cut = frozenset([*busy, *full])
        return by_domain

    def let_go(self, recipients: Iterable[QueuedRecipient]) -> None:
        """Recipients that are settled are not in hand any more."""
        for recipient in recipients:
            if self._recipients.pop(recipient.id, None) is not None:
                self._of_domain[recipient.domain] -= 1
                if not self._of_domain[recipient.domain]:
                    del self._of_domain[recipient.domain]

    def renew(self) -> None:
        """Begin to renew the leases; a failure is logged."""
        if self._recipients:
            renewing = self._database.transact(renew_leases, self._process, list(self._recipients), self._lease)
            spawn(renewing, "renewing the leases of mail that is being sent")

    async def give_back(self) -> None:
        """Let other processes take the recipients at once; where the store is away, after their leases."""
        if self._recipients:
            try:
                await self._database.transact(give_back, self._process, list(self._recipients))
            except DomainError as error:
                self._log.warn("mail that was not sent is tried after its lease: {reason}", reason=repr(error))


def claim_with_octets(
    tx: Transaction, process: UUID, most: int, busy: Sequence[str], lease: timedelta
) -> tuple[Sequence[QueuedRecipient], Mapping[int, bytes]]:
    """What claim_due() gives, and the octets of small messages among it."""
    claimed = claim_due(tx, process, most, busy, lease)
    sizes = worth_reading(each.message for each in claimed)
    return claimed, load_beginnings(tx, sizes) if sizes else {}
