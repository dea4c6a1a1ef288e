"""Bounces of subscribers elsewhere: counted by the day; some of them end the subscription."""

from __future__ import annotations

import pytest

from shared.database.transaction import Transaction
from shared.rooms.subscriptions.elsewhere.bounces import count_bounces, is_failure, token_of
from shared.rooms.subscriptions.elsewhere.subscriber import list_elsewhere
from shared.rooms.subscriptions.elsewhere.tests.build import remote
from shared.rooms.tests.build import an_open_room

REPORT = (
    b"Subject: Undelivered\r\nContent-Type: multipart/report;\r\n\treport-type=delivery-status; boundary=x\r\n\r\n"
    b"--x\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; far.test\r\n\r\n"
    b"Final-Recipient: rfc822; ann@far.test\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)


def days_pass(tx: Transaction, days: int) -> None:
    tx.execute("UPDATE remote_subscriber SET bounced_at = bounced_at - make_interval(days => %s)", (days,))


def test_one_bounce_of_a_day_counts_and_the_last_ends_the_subscription(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    ann, bob = remote(transaction, room, "ann@far.test"), remote(transaction, room, "bob@far.test")
    for day in range(1, 3):
        for _ in range(10):
            assert not count_bounces(transaction, [ann], 3)
            assert {each.address: each.bounces for each in list_elsewhere(transaction, room)}["ann@far.test"] == day
        days_pass(transaction, 1)
    assert count_bounces(transaction, [ann, bob], 3) == [("a.b", "ann@far.test")]
    assert [(each.address, each.bounces) for each in list_elsewhere(transaction, room)] == [("bob@far.test", 1)]
    assert not count_bounces(transaction, [ann, "0" * 32], 3)


def test_week_without_a_bounce_begins_anew(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    ann = remote(transaction, room, "ann@far.test")
    for _ in range(5):
        assert not count_bounces(transaction, [ann], 2)
        days_pass(transaction, 8)
    assert list_elsewhere(transaction, room)[0].bounces == 1


@pytest.mark.parametrize(
    ("octets", "counts"),
    [
        (REPORT, True),
        (REPORT.replace(b"Action: failed", b"action:FAILED"), True),
        (REPORT.replace(b"failed", b"delayed"), False),
        (b"Auto-Submitted: auto-replied\r\nSubject: On holiday\r\n\r\nAction: failed\r\n", False),
        (b"", False),
        (b"\xff" * 1000, False),
    ],
    ids=["report", "case", "delay", "holiday", "empty", "octets"],
)
def test_what_says_that_something_failed_counts(octets: bytes, counts: bool) -> None:
    assert is_failure(octets) is counts


def test_envelope_names_its_subscriber() -> None:
    assert token_of("bounce+" + "0a" * 16 + "@example.org") == "0a" * 16
    for other in ("", "ann@far.test", "bounce+x@example.org", "SRS0=x=AA=y.test=bounce+" + "0a" * 16 + "@example.org"):
        assert token_of(other) is None
