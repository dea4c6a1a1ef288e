"""The queue: what is in it, who may try it, and that its messages are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.accounts.account import Role
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.append import Appended
from shared.folders.purge import purge
from shared.messages.trace_keys import identifier_key
from shared.outbound.change_queue import drop_queued
from shared.outbound.channel import QueueChanged
from shared.outbound.claim import claim_due, give_back, renew_leases
from shared.outbound.errors import NotQueued, SendingHeld
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.settle import settle
from shared.outbound.tally import Caps
from shared.outbound.tests.build import OTHER, PROCESS, SETTLING, TEXT, a_departure, a_message, inbox_of, mail_of, queue
from shared.testing.builders import a_member

OF_THE_QUEUE = "FROM pg_stat_xact_user_tables WHERE relname IN ('outbound', 'outbound_recipient') ORDER BY relname"


def delivered(recipient: object) -> AttemptOutcome:
    return AttemptOutcome(recipient, Fate.DELIVERED, "2.0.0", "250 ok", "mx.remote.test", 250)  # type: ignore[arg-type]


def test_message_for_elsewhere_is_queued_with_its_envelope(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    (result,) = queue(transaction, a_departure(alice, "bob@remote.test", "carol@other.test"))
    assert isinstance(result, Appended)
    assert QueueChanged() in transaction.events
    first, second = claim_due(transaction, PROCESS, 10)
    assert (first.address, first.domain, second.address) == ("bob@remote.test", "remote.test", "carol@other.test")
    assert (first.message.account, first.message.sender, first.message.size_octets) == (
        "alice",
        "alice@example.org",
        len(TEXT),
    )


def test_message_may_be_for_here_and_for_elsewhere(transaction: Transaction) -> None:
    alice, bob = a_member(transaction, "alice"), a_member(transaction, "bob")
    queue(transaction, a_departure(alice), folders=[inbox_of(transaction, bob)])
    assert mail_of(transaction, bob) == [TEXT]
    assert len(claim_due(transaction, PROCESS, 10)) == 1


async def test_queue_keeps_its_message_alive_and_frees_it(database: Database) -> None:
    def begin(tx: Transaction) -> None:
        queue(tx, a_departure(a_member(tx, "alice")))

    def end(tx: Transaction) -> None:
        settle(tx, [delivered(each) for each in claim_due(tx, PROCESS, 10)], SETTLING)

    def bodies(tx: Transaction) -> tuple[int, int]:
        return tx.value("SELECT count(*) FROM body"), tx.value("SELECT count(*) FROM outbound")

    await database.transact(begin)
    assert (await purge(database)).messages == 0
    assert await database.read(bodies) == (1, 1)
    await database.transact(end)
    assert (await purge(database)).messages == 1
    assert await database.read(bodies) == (0, 0)


def test_recipient_is_tried_by_one_process_until_its_lease_ends(transaction: Transaction) -> None:
    queue(transaction, a_departure())
    (claimed,) = claim_due(transaction, PROCESS, 10)
    transaction.commit()
    assert not claim_due(transaction, OTHER, 10)
    renew_leases(transaction, PROCESS, [claimed.id], timedelta(seconds=-1))
    transaction.commit()
    assert [each.id for each in claim_due(transaction, OTHER, 10)] == [claimed.id]


def test_recipient_that_was_not_tried_is_given_back(transaction: Transaction) -> None:
    queue(transaction, a_departure())
    (claimed,) = claim_due(transaction, PROCESS, 10)
    transaction.commit()
    give_back(transaction, OTHER, [claimed.id])  # not its own
    assert not claim_due(transaction, OTHER, 10)
    give_back(transaction, PROCESS, [claimed.id])
    assert claim_due(transaction, OTHER, 10)


def test_long_queue_is_looked_at_by_index_also_by_what_was_planned_while_it_was_empty(transaction: Transaction) -> None:
    def send_one() -> None:
        settle(transaction, [delivered(each) for each in claim_due(transaction, PROCESS, 1)], SETTLING)

    for _ in range(6):  # by then plans are kept
        queue(transaction, a_departure())
        send_one()
        transaction.commit()
    queue(transaction, a_departure(None, *(f"u{number}@slow.test" for number in range(3000))))
    transaction.commit()
    send_one()
    assert transaction.rows(f"SELECT seq_scan {OF_THE_QUEUE}") == [(0,), (0,)]


def test_claim_changes_no_index(transaction: Transaction) -> None:
    queue(transaction, a_departure())
    transaction.commit()
    renew_leases(transaction, PROCESS, [each.id for each in claim_due(transaction, PROCESS, 10)])
    counts = transaction.rows(f"SELECT n_tup_upd, n_tup_hot_upd {OF_THE_QUEUE}")
    assert counts == [(0, 0), (2, 2)]


def test_what_is_dropped_leaves_no_recipients(transaction: Transaction) -> None:
    departure = a_departure(None, "bob@remote.test", "carol@other.test")
    queue(transaction, departure, a_departure())
    drop_queued(transaction, departure.queue_id)
    assert transaction.rows("SELECT outbound_id FROM outbound_recipient") == transaction.rows("SELECT id FROM outbound")
    with pytest.raises(NotQueued):
        drop_queued(transaction, departure.queue_id)


def test_trace_finds_what_is_queued_and_in_no_folder_before_it_is_sent(transaction: Transaction) -> None:
    queue(transaction, a_departure())
    (message_id,) = transaction.row("SELECT message_id FROM outbound") or ()
    key = transaction.row("SELECT message_id, identifier FROM event_trace_key")
    assert key == (message_id, identifier_key(a_message().rendered.envelope))


def test_busy_domain_does_not_keep_others_waiting(transaction: Transaction) -> None:
    queue(transaction, a_departure(None, *(f"u{number}@slow.test" for number in range(300)), "bob@quick.test"))
    first = claim_due(transaction, PROCESS, 250)
    assert {each.domain for each in first} == {"slow.test", "quick.test"}
    transaction.commit()
    assert not claim_due(transaction, OTHER, 250, busy=["slow.test"])


def test_account_that_exceeds_its_messages_is_on_hold_and_admins_have_one_mail(transaction: Transaction) -> None:
    alice, admin = a_member(transaction, "alice"), a_member(transaction, "root", Role.ADMIN)
    caps = Caps(3, 100, "example.org")
    results = [queue(transaction, a_departure(alice), caps=caps)[0] for _ in range(5)]
    assert [isinstance(each, SendingHeld) for each in results] == [False, False, False, True, True]
    (notice,) = mail_of(transaction, admin)
    assert b"Subject: On hold: alice\r\n" in notice
    assert not claim_due(transaction, PROCESS, 10)  # what it has in the queue waits, too


def test_account_that_exceeds_its_recipients_is_on_hold(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    caps = Caps(10, 3, "example.org")
    assert isinstance(queue(transaction, a_departure(alice, "a@x.test", "b@x.test"), caps=caps)[0], Appended)
    assert isinstance(queue(transaction, a_departure(alice, "a@x.test", "b@x.test"), caps=caps)[0], SendingHeld)


def test_next_hour_begins_at_nothing(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    caps = Caps(1, 100, "example.org")
    queue(transaction, a_departure(alice), caps=caps)
    transaction.execute("UPDATE outbound_account SET hour_began = hour_began - interval '61 minutes'")
    assert isinstance(queue(transaction, a_departure(alice), caps=caps)[0], Appended)


def test_one_gathering_may_hold_messages_of_both_kinds(transaction: Transaction) -> None:
    alice, bob = a_member(transaction, "alice"), a_member(transaction, "bob")
    caps = Caps(1, 100, "example.org")
    inbox = inbox_of(transaction, bob)
    first, second = queue(transaction, a_departure(alice), a_departure(alice), folders=[inbox], caps=caps)
    assert isinstance(first, Appended)
    assert isinstance(second, SendingHeld)
    assert len(mail_of(transaction, bob)) == 1  # what was refused left nothing behind
