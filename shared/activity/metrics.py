"""The counters of the log's events, for `/metrics`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shared.activity.events import ACCEPTED, REFUSED, Append, Attempt, Event, Message, Report, Session, SignInAttempt
from shared.activity.labelled_metrics import LabelledCounter, LabelledHistogram

MESSAGES = LabelledCounter("agora_messages", "Messages brought to a door, by what became of them.", ["door", "outcome"])
MESSAGE_BYTES = LabelledCounter("agora_message_bytes", "Octets of the messages that were accepted.", ["door"])
RECIPIENTS = LabelledCounter("agora_message_recipients", "Recipients named for messages, by what became of them.",
                   ["door", "outcome"])  # fmt: skip
REFUSALS = LabelledCounter(
    "agora_message_refusals", "Refusals of senders, recipients and messages.", ["door", "reason"]
)
QUOTA_REFUSALS = LabelledCounter("agora_quota_refusals", "Refusals because an account has no room left.", ["door"])
SIGN_INS = LabelledCounter("agora_sign_ins", "Attempts to sign in, by what became of them.", ["door", "outcome"])
SESSIONS = LabelledCounter("agora_sessions", "Sessions that have ended, by how they ended.", ["door", "ending"])
SENT_RECIPIENTS = LabelledCounter(
    "agora_outbound_recipients", "Recipients at other servers, by what became of an attempt.", ["outcome"]
)
SENT_REPORTS = LabelledCounter("agora_outbound_reports", "Reports to senders, by what they tell.", ["outcome"])
ATTEMPT_SECONDS = LabelledHistogram("agora_outbound_attempt_seconds", "Attempts to send a message to another server.",
                            ["outcome"], (0.01, 0.05, 0.25, 1, 5, 30, 300))  # fmt: skip
MESSAGE_SECONDS = LabelledHistogram("agora_message_seconds", "From MAIL, or APPEND, to the reply to the message.",
                            ["door"], (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60))  # fmt: skip
COMMIT_SECONDS = LabelledHistogram("agora_commit_seconds", "Transactions that keep messages, from begin to commit.",
                           ["outcome"], (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5))  # fmt: skip
SESSION_SECONDS = LabelledHistogram("agora_session_seconds", "How long sessions lasted.",
                            ["door"], (0.1, 1, 10, 60, 600, 3600, 86400))  # fmt: skip


def count(events: Sequence[Event]) -> None:
    """Add `events` to the numbers."""
    sums: dict[tuple[str, str], _Sum] = {}
    door, outcome, found = "", None, _Sum()  # those of the message before, as nearly all are like it
    for event in events:
        if type(event) is Message or type(event) is Append:
            if event.outcome is not outcome or event.door != door:
                door, outcome = event.door, event.outcome
                found = sums.setdefault((door, str(outcome)), _Sum())
            found.seconds.append(event.ms / 1000)
            found.octets += event.octets
            if type(event) is Message:
                refused = event.refused
                found.refused += refused
                found.taken += event.recipients - refused
        else:
            counting = _COUNTING.get(type(event))
            if counting is not None:
                counting(event)
    for (door, outcome_shown), found in sums.items():
        found.count(door, outcome_shown)


class _Sum:
    """Messages of one door with one outcome. They come by the thousand a second, and are much alike: added up first,
    each takes a third of the time."""

    __slots__ = ("octets", "refused", "seconds", "taken")

    def __init__(self) -> None:
        self.seconds: list[float] = []  # of each
        self.octets = self.taken = self.refused = 0

    def count(self, door: str, outcome: str) -> None:
        """Add them to the numbers."""
        MESSAGES.add((door, outcome), len(self.seconds))
        MESSAGE_SECONDS.add_all((door,), self.seconds)
        if outcome == ACCEPTED:
            MESSAGE_BYTES.add((door,), self.octets)
        if self.taken:
            RECIPIENTS.add((door, outcome), self.taken)
        if self.refused:
            RECIPIENTS.add((door, REFUSED.value), self.refused)


def _count_sign_in(event: SignInAttempt) -> None:
    SIGN_INS.add((event.door, event.outcome.value))


def _count_session(event: Session) -> None:
    SESSIONS.add((event.door, event.ending))
    SESSION_SECONDS.add((event.door,), event.seconds)


def _count_attempt(event: Attempt) -> None:
    SENT_RECIPIENTS.add((event.outcome,), event.recipients)
    ATTEMPT_SECONDS.add((event.outcome,), event.ms / 1000)


def _count_report(event: Report) -> None:
    SENT_REPORTS.add((event.outcome,))


_COUNTING: dict[type, Callable[[Any], None]] = {
    SignInAttempt: _count_sign_in,
    Session: _count_session,
    Attempt: _count_attempt,
    Report: _count_report,
}
