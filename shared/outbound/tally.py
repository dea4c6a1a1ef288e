"""The tally of what each account sends in an hour, and the hold on one that sends more than it may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.append import Append
from shared.outbound.departure import Departure
from shared.outbound.hold_notice import hold_notice

HOUR = timedelta(hours=1)

# Locks the rows in the order of the accounts.
_LOCK = Prepared(
    """
    INSERT INTO outbound_account AS tally (account_id, hour_began, messages, recipients)
    SELECT id, now(), 0, 0 FROM account WHERE id = ANY(%s::bigint[]) ORDER BY id
    ON CONFLICT (account_id) DO UPDATE SET messages = tally.messages
    RETURNING account_id, now(), hour_began, messages, recipients, held_since,
              (SELECT name FROM account WHERE account.id = account_id)
"""
)
_UPDATE = Prepared(
    """
    UPDATE outbound_account AS tally
    SET hour_began = new.hour_began, messages = new.messages, recipients = new.recipients, held_since = new.held_since
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::integer[], %s::integer[], %s::timestamptz[])
         AS new (account_id, hour_began, messages, recipients, held_since)
    WHERE tally.account_id = new.account_id
"""
)
_HOLD_WAITING = """
    UPDATE outbound_recipient SET held = true
    WHERE outbound_id IN (SELECT id FROM outbound WHERE account_id = ANY(%s::bigint[]))
"""


class Caps(NamedTuple):
    """How much an account may send to other servers in one hour."""

    messages: int
    recipients: int
    mail_domain: str  # for the mail about a hold


class Charged(NamedTuple):
    """The departures that are refused, and mails to the administrators about accounts that are on hold now."""

    refused: Sequence[Departure]
    notices: Sequence[Append]


class _Tally:
    __slots__ = ("account_id", "began", "held_since", "messages", "name", "recipients", "was_held")

    def __init__(
        self,
        account_id: int,
        now: datetime,
        began: datetime,
        messages: int,
        recipients: int,
        held_since: datetime | None,
        name: str,
    ) -> None:
        is_over = now - began >= HOUR
        self.account_id, self.name = account_id, name
        self.began = now if is_over else began
        self.messages, self.recipients = (0, 0) if is_over else (messages, recipients)
        self.held_since, self.was_held = held_since, held_since is not None


def charge(tx: Transaction, departures: Sequence[Departure], caps: Caps) -> Charged:
    """Count each departure for its account, or refuse it; an account that would exceed `caps` is on hold from now on.

    What this account has in the queue is held, too. Departures of this server itself are not counted.
    """
    departures = [each for each in departures if each.chosen]  # the others are for addresses here alone
    accounts = sorted({each.account_id for each in departures if each.account_id is not None})
    if not accounts:
        return Charged((), ())
    now: datetime | None = None
    tallies: dict[int, _Tally] = {}
    for account_id, now, *rest in tx.rows(_LOCK, (accounts,)):
        tallies[account_id] = _Tally(account_id, now, *rest)
    refused: list[Departure] = []
    for departure in departures:
        if departure.account_id is None:
            continue
        tally = tallies.get(departure.account_id)
        if tally is None or not _admits(tally, departure.chosen, caps, now):
            refused.append(departure)
    if not tallies or now is None:
        return Charged(refused, ())
    rows = [(each.account_id, each.began, each.messages, each.recipients, each.held_since) for each in tallies.values()]
    tx.execute_with_next(_UPDATE, [list(column) for column in zip(*rows, strict=True)])
    newly = [each for each in tallies.values() if each.held_since is not None and not each.was_held]
    if not newly:
        return Charged(refused, ())
    tx.execute(_HOLD_WAITING, ([each.account_id for each in newly],))
    notices = [hold_notice(tx, each.name, caps.messages, caps.recipients, caps.mail_domain, now) for each in newly]
    return Charged(refused, [each for each in notices if each is not None])


def _admits(tally: _Tally, recipients: int, caps: Caps, now: datetime | None) -> bool:
    if tally.held_since is None and (
        tally.messages >= caps.messages or tally.recipients + recipients > caps.recipients
    ):
        tally.held_since = now
    if tally.held_since is not None:
        return False
    tally.messages += 1
    tally.recipients += recipients
    return True
