"""Recording: every event is counted and given to whoever writes."""

from __future__ import annotations

from shared.activity.events import Append, Message, Outcome, Recipient, SignInAttempt, SignInOutcome
from shared.activity.metrics import MESSAGE_BYTES, MESSAGES, RECIPIENTS, SIGN_INS
from shared.activity.record import record, recorded


def test_event_is_given_to_who_listens_for_as_long_as_he_does() -> None:
    attempt = SignInAttempt(SignInOutcome.SIGNED_IN, "a_test", "::1", "alice", "PLAIN")
    with recorded() as events:
        record(attempt)
    record(attempt)
    assert events == [attempt]
    assert SIGN_INS.counts["a_test", "signed_in"] == 2


def test_messages_octets_and_recipients_are_counted_by_door_and_outcome() -> None:
    to = (Recipient("a@b", 250), Recipient("c@d", 550))
    record(Message("1", Outcome.ACCEPTED, "test", "::1", "", "h", "<>", to, 3, 1, 70, 250, "2.0.0", 5))
    record(Message("2", Outcome.DEFERRED, "test", "::1", "", "h", "<>", to, 2, 0, 30, 452, "4.2.2", 5))
    record(Append(Outcome.ACCEPTED, "test_imap", "::1", "alice", "Sent", 7, 90, "OK", "", 5))
    assert MESSAGES.counts["test", "accepted"] == MESSAGES.counts["test", "deferred"] == 1
    assert MESSAGE_BYTES.counts["test",] == 70
    assert MESSAGE_BYTES.counts["test_imap",] == 90
    assert RECIPIENTS.counts["test", "accepted"] == 2
    assert RECIPIENTS.counts["test", "refused"] == 1
    assert RECIPIENTS.counts["test", "deferred"] == 2
