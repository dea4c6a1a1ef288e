"""An account's own forwards, as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction

MOST_FORWARDS = 5  # of one account, those that wait counted: each message is sent so often
CONFIRMED_WITHIN = timedelta(days=3)  # shared/mail/lookup.py has the same days
_OF_ACCOUNT = """
    SELECT target, target_domain, asked_at, confirmed_at FROM own_forward
    WHERE account_id = %s AND (confirmed_at IS NOT NULL OR asked_at > now() - %s) ORDER BY lower(target)
"""


class OwnForward(NamedTuple):
    """An address elsewhere that the account's mail is sent on to, since `confirmed_at`; None: it has not confirmed."""

    target: str
    domain: str  # in A-labels
    asked_at: datetime
    confirmed_at: datetime | None


class OwnForwarding(NamedTuple):
    """All of an account, and whether mail that is sent on is kept here, too."""

    forwards: Sequence[OwnForward]
    keeps_copy: bool

    @property
    def confirmed(self) -> Sequence[OwnForward]:
        """Those that mail is sent on to."""
        return [each for each in self.forwards if each.confirmed_at is not None]


def own_forwarding(tx: Transaction, account_id: int) -> OwnForwarding:
    """By the addresses; those that waited too long are not among them."""
    forwards = [OwnForward(*row) for row in tx.rows(_OF_ACCOUNT, (account_id, CONFIRMED_WITHIN))]
    keeps = tx.value("SELECT keeps_forwarded FROM account WHERE id = %s", (account_id,))
    return OwnForwarding(forwards, keeps is not False)


def lock_forwards(tx: Transaction, account_id: int) -> None:
    """Until the transaction ends nobody else changes them. Those that waited too long are gone."""
    tx.row("SELECT id FROM account WHERE id = %s FOR NO KEY UPDATE", (account_id,))
    tx.execute(
        "DELETE FROM own_forward WHERE account_id = %s AND confirmed_at IS NULL AND asked_at <= now() - %s",
        (account_id, CONFIRMED_WITHIN),
    )
