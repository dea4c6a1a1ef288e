"""Settling attempts: what is delivered or given up leaves the queue, the rest has its next attempt, senders are told.

All in one transaction, so that a report is made once, and never without its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.outbound.attempt_trace import note_attempts
from shared.outbound.claim import QueuedMessage
from shared.outbound.outcome import LONGEST_TEXT, AttemptOutcome, Fate, Reported, ReportKind, Settled
from shared.outbound.report import report
from shared.outbound.report_text import ReportNames
from shared.outbound.retry import RetryTimes, delay_after

# The message's row is locked first: of two processes that settle its last recipients the second one deletes it.
_LOCK = Prepared("SELECT now() FROM outbound WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE")
_DELETE = Prepared("DELETE FROM outbound_recipient WHERE id = ANY(%s::bigint[]) RETURNING id")
_DELETE_MESSAGES = Prepared(
    """
    DELETE FROM outbound WHERE id = ANY(%s::bigint[])
    AND NOT EXISTS (SELECT FROM outbound_recipient WHERE outbound_id = outbound.id)
"""
)
_DEFER = Prepared(
    """
    UPDATE outbound_recipient AS recipient
    SET attempts = attempts + 1, last_attempt_at = now(), next_attempt_at = now() + new.delay, last_host = new.host,
        last_reply = new.reply, warned = recipient.warned OR new.warned, leased_by = NULL, leased_until = NULL
    FROM unnest(%s::bigint[], %s::interval[], %s::text[], %s::text[], %s::boolean[])
         AS new (id, delay, host, reply, warned)
    WHERE recipient.id = new.id AND recipient.leased_by = %s::uuid
    RETURNING recipient.id
"""
)


class Settling(NamedTuple):
    """What settling needs to know besides the outcomes."""

    process: UUID
    names: ReportNames
    times: RetryTimes
    # Told, in the transaction, of what failed that has the null sender and an envelope's sender of its own.
    note_failed: Callable[[Transaction, Sequence[AttemptOutcome]], None] | None = None


def settle(tx: Transaction, outcomes: Sequence[AttemptOutcome], settling: Settling) -> Settled:
    """Settle them. An outcome whose recipient another process has settled meanwhile is left out."""
    messages = sorted({each.recipient.message.id for each in outcomes})
    now: datetime | None = tx.value(_LOCK, (messages,))
    if now is None:  # all of them were settled or dropped meanwhile
        return Settled((), ())
    outcomes = [_timed(each, now, settling.times) for each in outcomes]
    over = [each for each in outcomes if each.fate is not Fate.DEFERRED]
    deferred = [each for each in outcomes if each.fate is Fate.DEFERRED]
    gone = {number for (number,) in tx.rows(_DELETE, ([each.recipient.id for each in over],))} if over else set()
    over = [each for each in over if each.recipient.id in gone]
    late = {each.recipient.id for each in deferred if _is_to_be_warned(each, now, settling.times)}
    kept = _defer(tx, deferred, late, settling) if deferred else set()
    deferred = [each for each in deferred if each.recipient.id in kept]
    note_attempts(tx, [*over, *deferred])
    reports = [
        *_report(tx, ReportKind.FAILED, filter(_is_bounced, over), settling, now),
        *_report(tx, ReportKind.RELAYED, filter(_is_relayed, over), settling, now),
        *_report(tx, ReportKind.DELAYED, (each for each in deferred if each.recipient.id in late), settling, now),
    ]
    if over:
        tx.execute_with_next(_DELETE_MESSAGES, (messages,))
        failed = [each for each in over if each.fate is Fate.FAILED and _is_of_subscriber(each)]
        if failed and settling.note_failed is not None:
            settling.note_failed(tx, failed)
    return Settled([*over, *deferred], reports)


def _timed(outcome: AttemptOutcome, now: datetime, times: RetryTimes) -> AttemptOutcome:
    """A recipient that was tried for long enough has failed (RFC 3463: 4.4.7)."""
    if outcome.fate is not Fate.DEFERRED or now - outcome.recipient.message.queued_at < times.give_up_after:
        return outcome
    text = f"not delivered in time; the last try: {outcome.text}"
    return outcome._replace(fate=Fate.FAILED, status="4.4.7", text=text)


def _defer(tx: Transaction, deferred: Sequence[AttemptOutcome], late: set[int], settling: Settling) -> set[int]:
    rows = [
        (
            each.recipient.id,
            delay_after(each.recipient.attempts + 1, settling.times),
            each.host,
            each.text[:LONGEST_TEXT],
            each.recipient.id in late,
        )
        for each in deferred
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {number for (number,) in tx.rows(_DEFER, (*columns, str(settling.process)))}


def _is_to_be_warned(outcome: AttemptOutcome, now: datetime, times: RetryTimes) -> bool:
    """Once, and not where the sender has asked not to be told of delays (RFC 3461 §4.1)."""
    recipient = outcome.recipient
    wants = not recipient.notify or "DELAY" in recipient.notify
    return wants and not recipient.warned and now - recipient.message.queued_at >= times.warn_after


def _is_bounced(outcome: AttemptOutcome) -> bool:
    notify = outcome.recipient.notify
    return outcome.fate is Fate.FAILED and (not notify or "FAILURE" in notify)


def _is_of_subscriber(outcome: AttemptOutcome) -> bool:
    return outcome.recipient.own_sender is not None and not outcome.recipient.message.sender


def _is_relayed(outcome: AttemptOutcome) -> bool:
    return outcome.fate is Fate.DELIVERED and "SUCCESS" in outcome.recipient.notify and not outcome.passed_on


def _report(
    tx: Transaction, kind: ReportKind, outcomes: Iterable[AttemptOutcome], settling: Settling, now: datetime
) -> list[Reported]:
    of_messages: dict[QueuedMessage, list[AttemptOutcome]] = {}
    for outcome in outcomes:
        of_messages.setdefault(outcome.recipient.message, []).append(outcome)
    made = (
        report(tx, kind, message, those, settling.names, now, settling.times.give_up_after)
        for message, those in of_messages.items()
    )
    return [each for each in made if each is not None]
