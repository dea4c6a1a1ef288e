"""The outcome of an attempt to send a message to a recipient."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from shared.outbound.claim import QueuedMessage, QueuedRecipient

LONGEST_TEXT = 500  # characters of a server's reply that are kept


class Fate(StrEnum):
    """What becomes of a recipient."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"  # to be tried again
    FAILED = "failed"  # for good


class AttemptOutcome(NamedTuple):
    """One recipient's outcome, in the words of the server, or in ours where there is no reply."""

    recipient: QueuedRecipient
    fate: Fate
    status: str  # RFC 3463
    text: str  # with the code in front, where a server said it
    host: str = ""  # the server that said it; "" where none did
    code: int | None = None  # of its reply
    passed_on: bool = False  # the request for reports (NOTIFY) went on to that server


class ReportKind(StrEnum):
    """The kinds of reports to a sender: the Action of RFC 3464 §2.3.3."""

    FAILED = "failed"
    DELIVERED = "delivered"  # into a mailbox here
    DELAYED = "delayed"
    RELAYED = "relayed"


class Reported(NamedTuple):
    """A report that was made, and what became of it."""

    kind: ReportKind
    message: QueuedMessage
    queue_id: str  # the report's own
    recipients: int
    fate: str  # delivered, queued, dropped


class Settled(NamedTuple):
    """What was committed of some outcomes: they themselves, with those that ran out of time failed, and reports."""

    outcomes: Sequence[AttemptOutcome]
    reports: Sequence[Reported]
