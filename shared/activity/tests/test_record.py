"""Recording: every event is counted and given to whoever writes."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.testing import MemoryReactorClock

from shared.activity.events import Append, Message, Outcome, RecipientReply, SignInAttempt, SignInOutcome
from shared.activity.metrics import MESSAGE_BYTES, MESSAGES, RECIPIENTS, SIGN_INS
from shared.activity.record import GATHERED_SECONDS, MOST_GATHERED, Recorder, Timed, record, recorded


def test_event_is_given_to_who_listens_for_as_long_as_he_does() -> None:
    attempt = SignInAttempt(SignInOutcome.SIGNED_IN, "a_test", "::1", "alice", "PLAIN")
    with recorded() as events:
        record(attempt)
    record(attempt)
    assert events == [attempt]
    assert SIGN_INS.counts["a_test", "signed_in"] == 2


def test_messages_octets_and_recipients_are_counted_by_door_and_outcome() -> None:
    to = (RecipientReply("a@b", 250), RecipientReply("c@d", 550))
    record(Message("1", Outcome.ACCEPTED, "test", "::1", "", "h", "<>", to, 3, 1, 70, 250, "2.0.0", 5))
    record(Message("2", Outcome.DEFERRED, "test", "::1", "", "h", "<>", to, 2, 0, 30, 452, "4.2.2", 5))
    record(Append(Outcome.ACCEPTED, "test_imap", "::1", "alice", "Sent", 7, 90, "OK", "", 5))
    assert MESSAGES.counts["test", "accepted"] == MESSAGES.counts["test", "deferred"] == 1
    assert MESSAGE_BYTES.counts["test",] == 70
    assert MESSAGE_BYTES.counts["test_imap",] == 90
    assert RECIPIENTS.counts["test", "accepted"] == 2
    assert RECIPIENTS.counts["test", "refused"] == 1
    assert RECIPIENTS.counts["test", "deferred"] == 2


def _attempt(door: str) -> SignInAttempt:
    return SignInAttempt(SignInOutcome.SIGNED_IN, door, "::1", "alice", "PLAIN")


def test_events_wait_for_each_other_a_moment_and_are_counted_and_written_together() -> None:
    clock, written, recorder = MemoryReactorClock(), list[int](), Recorder()

    def write(events: Sequence[Timed]) -> None:
        written.append(len(events))

    recorder.write_with(write)
    recorder.gather_with(clock)
    for _ in range(2):
        recorder.record(_attempt("waiting"))
    assert written == []
    assert ("waiting", "signed_in") not in SIGN_INS.counts
    clock.advance(GATHERED_SECONDS)
    assert written == [2]
    assert SIGN_INS.counts["waiting", "signed_in"] == 2
    recorder.record(_attempt("waiting"))
    recorder.flush()
    clock.advance(GATHERED_SECONDS)
    assert written == [2, 1]


def test_events_that_wait_are_bounded() -> None:
    clock, written, recorder = MemoryReactorClock(), list[int](), Recorder()

    def write(events: Sequence[Timed]) -> None:
        written.append(len(events))

    recorder.write_with(write)
    recorder.gather_with(clock)
    for _ in range(MOST_GATHERED * 5 // 2):
        recorder.record(_attempt("bounded"))
    assert written == [MOST_GATHERED, MOST_GATHERED]


def test_what_waits_at_a_shutdown_is_written() -> None:
    clock, written, recorder = MemoryReactorClock(), list[Timed](), Recorder()
    recorder.write_with(written.extend)
    recorder.gather_with(clock)
    recorder.record(_attempt("leaving"))
    for trigger, arguments, keywords in clock.triggers["after"]["shutdown"]:
        trigger(*arguments, **keywords)
    assert [event for _, event in written] == [_attempt("leaving")]


def test_a_failure_found_while_events_are_written_is_logged() -> None:
    recorder, written = Recorder(), list[str]()

    def write(events: Sequence[Timed]) -> None:
        recorder.flush()  # as the log does before each line that is no event
        written.append("events")

    recorder.write_with(write)
    recorder.record(_attempt("nested"))
    assert written == ["events"]
