"""What becomes of attempts: deliveries, delays, warnings, bounces."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from shared.database.transaction import Transaction
from shared.mail.domains import ensure_domain
from shared.outbound.claim import QueuedRecipient, claim_due
from shared.outbound.outcome import AttemptOutcome, Fate, ReportKind
from shared.outbound.retry import LONGEST, RetryTimes, delay_after
from shared.outbound.settle import settle
from shared.outbound.tests.build import OTHER, PROCESS, SETTLING, TEXT, a_departure, mail_of, queue
from shared.testing.builders import a_member


def failed(recipient: QueuedRecipient) -> AttemptOutcome:
    return AttemptOutcome(recipient, Fate.FAILED, "5.1.1", "550 5.1.1 no such user", "mx.remote.test", 550)


def deferred(recipient: QueuedRecipient) -> AttemptOutcome:
    return AttemptOutcome(recipient, Fate.DEFERRED, "4.2.0", "451 4.2.0 later", "mx.remote.test", 451)


def rows(tx: Transaction, table: str = "outbound_recipient") -> int:
    count: int = tx.value(f"SELECT count(*) FROM {table}")
    return count


def aged(tx: Transaction, age: timedelta) -> None:
    tx.execute("UPDATE outbound SET queued_at = queued_at - %s", (age,))
    tx.execute("UPDATE outbound_recipient SET next_attempt_at = now()")


def test_failure_is_told_to_a_sender_here(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    queue(transaction, a_departure(alice))
    settled = settle(transaction, [failed(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    assert [(each.kind, each.fate) for each in settled.reports] == [(ReportKind.FAILED, "delivered")]
    assert (rows(transaction), rows(transaction, "outbound")) == (0, 0)
    (bounce,) = mail_of(transaction, alice)
    read: Any = message_from_bytes(bounce, policy=policy.default)
    assert read.get_content_type() == "multipart/report"
    assert read["In-Reply-To"] == "<tea@example.org>"
    told, status, header = read.iter_parts()
    assert "bob@remote.test" in told.get_content()
    assert status.get_content_type() == "message/delivery-status"
    of_bob = status.get_payload()[1]
    assert of_bob["Final-Recipient"] == "rfc822; bob@remote.test"
    assert (of_bob["Action"], of_bob["Status"]) == ("failed", "5.1.1")
    assert of_bob["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert of_bob["Remote-MTA"] == "dns; mx.remote.test"
    assert header.get_content_type() == "text/rfc822-headers"
    assert "At four?" not in bounce.decode()


def test_failure_is_told_to_a_sender_elsewhere_by_the_queue(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.org")
    queue(transaction, a_departure(None, sender="eve@elsewhere.test"))
    settled = settle(transaction, [failed(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    assert [each.fate for each in settled.reports] == ["queued"]
    (bounce,) = claim_due(transaction, PROCESS, 10)
    assert (bounce.address, bounce.message.sender, bounce.message.queue_id) == (
        "eve@elsewhere.test",
        "",
        settled.reports[0].queue_id,
    )
    again = settle(transaction, [failed(bounce)], SETTLING)
    assert again.reports == []  # the null sender is never bounced
    assert rows(transaction, "outbound") == 0


def test_failure_of_one_recipient_leaves_the_others(transaction: Transaction) -> None:
    queue(transaction, a_departure(a_member(transaction, "alice"), "bob@remote.test", "carol@remote.test"))
    first, _ = claim_due(transaction, PROCESS, 10)
    settle(transaction, [failed(first)], SETTLING)
    assert (rows(transaction), rows(transaction, "outbound")) == (1, 1)


def test_delay_is_told_once_after_four_hours(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    queue(transaction, a_departure(alice))
    settle(transaction, [deferred(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    assert not mail_of(transaction, alice)
    for _ in range(2):
        aged(transaction, timedelta(hours=4))
        settle(transaction, [deferred(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    (warning,) = mail_of(transaction, alice)
    assert b"Action: delayed\r\n" in warning
    assert b"Will-Retry-Until: " in warning


def test_message_is_given_up_after_five_days(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    queue(transaction, a_departure(alice))
    transaction.execute("UPDATE outbound_recipient SET warned = true")
    aged(transaction, timedelta(days=5))
    settle(transaction, [deferred(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    (bounce,) = mail_of(transaction, alice)
    assert b"Status: 4.4.7\r\n" in bounce
    assert b"451 4.2.0 later" in bounce
    assert rows(transaction) == 0


@pytest.mark.parametrize(
    ("notify", "told"),
    [("", 1), ("FAILURE", 1), ("NEVER", 0), ("SUCCESS", 0)],
    ids=str,
)
def test_sender_is_told_of_failures_as_notify_says(transaction: Transaction, notify: str, told: int) -> None:
    alice = a_member(transaction, "alice")
    queue(transaction, a_departure(alice, notify=notify))
    settle(transaction, [failed(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    assert len(mail_of(transaction, alice)) == told


def test_outcome_of_a_process_whose_lease_ran_out_changes_nothing(transaction: Transaction) -> None:
    queue(transaction, a_departure(a_member(transaction, "alice")))
    (mine,) = claim_due(transaction, PROCESS, 10, lease=timedelta(seconds=-1))
    transaction.commit()
    claim_due(transaction, OTHER, 10)
    assert settle(transaction, [deferred(mine)], SETTLING).outcomes == []
    assert transaction.value("SELECT attempts FROM outbound_recipient") == 0


def test_report_for_an_account_that_is_gone_is_dropped(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.org")
    queue(transaction, a_departure(None, sender="nobody@example.org"))
    settled = settle(transaction, [failed(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    assert [each.fate for each in settled.reports] == ["dropped"]


def test_whole_message_is_returned_where_ret_says_so(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    queue(transaction, a_departure(alice)._replace(returns_all=True, envelope_id="a+2Bb"))
    settle(transaction, [failed(each) for each in claim_due(transaction, PROCESS, 10)], SETTLING)
    (bounce,) = mail_of(transaction, alice)
    assert TEXT in bounce
    assert b"Original-Envelope-Id: a+b\r\n" in bounce


def test_delays_grow_up_to_four_hours() -> None:
    delays = [delay_after(attempts, RetryTimes()) for attempts in range(1, 40)]
    assert timedelta(minutes=4) < delays[0] < timedelta(minutes=6)
    assert delays[0] < delays[2] < delays[4]
    assert max(delays) < LONGEST * 1.2
    assert sum(delays, timedelta()) > timedelta(days=5)
