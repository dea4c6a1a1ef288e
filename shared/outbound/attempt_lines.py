"""The lines that attempts and reports leave in the log, and their counts."""

from __future__ import annotations

from collections.abc import Sequence

from shared.activity.events import MOST_RECIPIENTS_SHOWN, Attempt, RecipientReply, Report
from shared.activity.record import record
from shared.outbound.outcome import AttemptOutcome, Reported


def record_attempt(outcomes: Sequence[AttemptOutcome], seconds: float) -> None:
    """A line for each message, fate, server and reply: most often one."""
    groups: dict[tuple[object, ...], list[AttemptOutcome]] = {}
    for each in outcomes:
        key = each.recipient.message.id, each.fate, each.host, each.status, each.code
        groups.setdefault(key, []).append(each)
    for alike in groups.values():
        first = alike[0]
        message = first.recipient.message
        record(
            Attempt(
                message.queue_id,
                first.fate.value,
                first.host,
                message.account,
                message.sender or "<>",
                [RecipientReply(each.recipient.address, each.code or 0) for each in alike[:MOST_RECIPIENTS_SHOWN]],
                len(alike),
                first.recipient.attempts + 1,
                first.status,
                first.text,
                round(seconds * 1000),
            )
        )


def record_reports(reports: Sequence[Reported]) -> None:
    """A line for each."""
    for each in reports:
        message = each.message
        record(Report(message.queue_id, each.kind.value, message.account, message.sender, each.recipients,
                      each.queue_id, each.fate))  # fmt: skip
