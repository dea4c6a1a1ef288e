"""The trace of a message: by its queue id or Message-ID, from where it came to what was sent of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.accounts.account import Role
from shared.administration.drop_traces import TABLES, drop_some_traces
from shared.administration.errors import NotAMessageId
from shared.administration.find_traced import newest_message
from shared.administration.trace import TraceStep, trace
from shared.database.transaction import NO_TRANSACTION, Transaction
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.find_folders import find_folder
from shared.folders.key_messages import key_next_messages, keys_reach
from shared.folders.message import NewMessage
from shared.folders.purge import delete_unreferred
from shared.messages.render import render
from shared.messages.trace import Client, trace_fields
from shared.outbound.claim import QueuedRecipient, claim_due
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.settle import settle
from shared.outbound.tests.build import PROCESS, SETTLING, a_departure, queue
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.tests.build import a_subscriber, send_all, send_digests
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, posted
from shared.testing.builders import a_member
from shared.testing.overtaken import overtaken_transaction

MAIL = b"From: ann@x.test\r\nSubject: tea\r\nMessage-ID: <%b@x.test>\r\n\r\nAt four?\r\n"


def came_by_mail(identifier: str, queue_id: str) -> bytes:
    client = Client("mx.x.test", "192.0.2.7", "ESMTPS", "TLSv1.3 TLS_AES_256_GCM_SHA384")
    fields = trace_fields(client, "mail.example.org", "ann@x.test", "alice@example.org", queue_id, NOW)
    return fields + MAIL % identifier.encode()


def kept(tx: Transaction, account_id: int, octets: bytes) -> int:
    inbox = find_folder(tx, account_id, "INBOX").id
    (result,) = append_entries(tx, [Append(NewMessage(octets, NOW, render(octets)), [AppendTarget(inbox)])])
    assert isinstance(result, Appended)
    tx.commit()
    return result.message_id


def steps(tx: Transaction, wanted: str, viewer: str | None = None) -> list[tuple[str, str]]:
    found, _ = trace(tx, wanted, newest_message(tx), viewer)
    return [(each.step, each.details) for each in found]


def test_a_mail_is_found_by_its_queue_id_and_its_message_id(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    message = came_by_mail("1", "8f3a1c2e9b04d7")
    kept(transaction, alice.id, message)
    kept(transaction, alice.id, came_by_mail("2", "8f3a1c2e9b04d70"))
    expected = [
        (
            "came",
            "by ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384) from mx.x.test (192.0.2.7) as id 8f3a1c2e9b04d7,"
            f" from <ann@x.test>, for alice@example.org, {len(message)} octets",
        ),
        ("is in", "alice: INBOX, number 1"),
    ]
    assert steps(transaction, "8f3a1c2e9b04d7") == expected
    assert steps(transaction, "<1@x.test>") == expected
    assert steps(transaction, "1@x.test") == expected
    assert steps(transaction, "ffff") == []


def test_a_member_sees_what_is_in_folders_of_their_own(transaction: Transaction) -> None:
    alice, _bob, root = (a_member(transaction, name) for name in ("alice", "bob", "root"))
    transaction.execute("UPDATE account SET role = %s WHERE id = %s", (Role.ADMIN.value, root.id))
    kept(transaction, alice.id, came_by_mail("1", "abc"))
    assert len(steps(transaction, "1@x.test", "alice")) == 2
    assert steps(transaction, "1@x.test", "bob") == []
    assert len(steps(transaction, "1@x.test", "root")) == 2


def test_a_post_by_mail_is_followed_into_a_digest_and_copies(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    reader = a_subscriber(transaction, room, kind=SubscriptionKind.DIGEST)
    other = a_subscriber(transaction, room)
    transaction.commit()
    head = came_by_mail("1", "abc").partition(b"From: ")[0]
    posted(transaction, a_post(room, octets=head + an_article(identifier="<1@x.test>")))
    transaction.commit()
    send_all(transaction, room)
    send_digests(transaction, room)
    found = steps(transaction, "abc")
    assert found[1][0] == "taken"
    assert found[2:] == [
        ("posted", "local.knitting, number 1"),
        ("sent as a copy", "of local.knitting to 1 subscribers"),
        ("is in", f"{other.name}: INBOX, number 1"),
        ("sent in a digest", "of local.knitting to 1 subscribers"),
        ("is in", f"{reader.name}: INBOX, number 1"),
    ]
    assert set(found) <= set(steps(transaction, "1@x.test"))


def keyed(tx: Transaction) -> None:
    """Write the keys of all messages, as if what is under way had been over for long."""
    for _ in range(2):  # it looks what is there, and then writes keys
        tx.execute("UPDATE event_trace_reach SET seen_at = now() - interval '1 minute'")
        key_next_messages(tx)
        tx.commit()


def test_a_message_with_keys_is_found_by_them_alone(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    number = kept(transaction, alice.id, came_by_mail("1", "8f3a1c2e9b04d7ff"))
    kept(transaction, alice.id, came_by_mail("2", "abc") + b"In-Reply-To: <1@x.test>\r\n")
    keyed(transaction)
    assert keys_reach(transaction) == newest_message(transaction)
    transaction.execute("UPDATE body SET octets = 'what is kept is not looked through'::bytea")
    for wanted in ("8f3a1c2e9b04d7ff", "<1@x.test>"):
        found, below = trace(transaction, wanted, newest_message(transaction), None)
        assert ({each.message for each in found}, below) == ({number}, None)
    assert steps(transaction, "3@x.test") == steps(transaction, "8f3a") == []


def test_an_answer_is_not_taken_for_what_it_answers(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    answer = b"From: bob@x.test\r\nIn-Reply-To: <1@x.test>\r\nMessage-ID: <2@x.test>\r\n\r\nYes.\r\n"
    kept(transaction, alice.id, answer)
    assert steps(transaction, "1@x.test") == []
    keyed(transaction)
    assert steps(transaction, "1@x.test") == []
    assert len(steps(transaction, "2@x.test")) == 2


def test_keys_wait_for_transactions_that_may_have_numbered_a_message(transaction: Transaction) -> None:
    kept(transaction, a_member(transaction, "alice").id, came_by_mail("1", "abc"))
    key_next_messages(transaction)  # has seen the newest, this moment
    transaction.commit()
    transaction.execute("UPDATE event_trace_reach SET seen_at = now()")  # however long the machine stood still
    assert key_next_messages(transaction)
    assert keys_reach(transaction) == 0
    keyed(transaction)
    assert keys_reach(transaction) == newest_message(transaction)


def outcome(each: QueuedRecipient, fate: Fate, reply: str) -> AttemptOutcome:
    return AttemptOutcome(each, fate, "2.0.0", reply, "mx.remote.test", int(reply[:3]))


def test_attempts_to_send_are_shown_after_they_are_over_and_the_message_is_gone(transaction: Transaction) -> None:
    alice, _ = a_member(transaction, "alice"), a_member(transaction, "bob")
    departure = a_departure(alice)._replace(queue_id="abc")
    queue(transaction, departure)
    settle(transaction, [outcome(each, Fate.DEFERRED, "451 later") for each in claim_due(transaction, PROCESS, 10)],
           SETTLING)  # fmt: skip
    queued = ("queued", "as id abc, from <alice@example.org>, sent by alice")
    later = ("deferred", "for bob@remote.test, attempt 1: mx.remote.test said: 451 later")
    came, *waiting = steps(transaction, "abc")
    assert (came[0], waiting[:2], waiting[2][0]) == ("came", [queued, later], "waits")
    transaction.execute("UPDATE outbound_recipient SET next_attempt_at = now()")
    settle(transaction, [outcome(each, Fate.DELIVERED, "250 ok") for each in claim_due(transaction, PROCESS, 10)],
           SETTLING)  # fmt: skip
    delete_unreferred(transaction, 0)
    expected = [
        ("deleted", "it is in no mailbox, room or queue any more"),
        queued,
        later,
        ("delivered", "for bob@remote.test, attempt 2: mx.remote.test said: 250 ok"),
    ]
    assert steps(transaction, "abc") == steps(transaction, "<tea@example.org>") == expected
    assert steps(transaction, "abc", "alice") == expected  # who sent it
    assert steps(transaction, "abc", "bob") == []


@pytest.mark.parametrize("fate", [Fate.DELIVERED, Fate.DEFERRED])
@pytest.mark.parametrize("behind", range(1, 14))
def test_an_attempt_that_is_settled_while_the_trace_is_read_is_under_way_or_over(
    transaction: Transaction, database_url: str, behind: int, fate: Fate
) -> None:
    alice, _ = a_member(transaction, "alice"), a_member(transaction, "bob")
    queue(transaction, a_departure(alice)._replace(queue_id="abc"))
    claimed = claim_due(transaction, PROCESS, 10)
    transaction.commit()

    def settled() -> None:
        settle(transaction, [outcome(each, fate, "250 ok") for each in claimed], SETTLING)
        transaction.commit()

    with overtaken_transaction(database_url, behind, settled, NO_TRANSACTION) as tx:
        found = steps(tx, "abc")
    what = [step for step, _ in found]
    assert what[:2] == ["came", "queued"]
    assert what[2:] in (["waits"], [fate] if fate is Fate.DELIVERED else [fate, "waits"])


@pytest.mark.parametrize("table", TABLES)
def test_traces_are_forgotten_after_a_while_some_at_a_time(transaction: Transaction, table: str) -> None:
    columns = {
        "event_trace": "message_id, folder_id, first_uid, last_uid, recipients, kind",
        "event_trace_key": "message_id, queue_id, identifier",
        "event_trace_attempt": "message_id, queue_id, sender, queued_at, address, attempt, fate, host, reply",
    }
    values = {
        "event_trace": "n, 1, 1, 1, 1, 'copy'",
        "event_trace_key": "n, 1, 1",
        "event_trace_attempt": "1, 'abc', '', now(), 'bob@x.test', 1, 'delivered', '', ''",
    }
    kept_for = timedelta(days=60)
    transaction.execute(
        f"INSERT INTO {table} (happened_at, {columns[table]})"
        f" SELECT now() - %s * n, {values[table]} FROM generate_series(0, 5) AS n",
        (kept_for,),
    )
    assert [drop_some_traces(transaction, table, kept_for, 3) for _ in range(3)] == [3, 1, 0]
    assert transaction.value(f"SELECT count(*) FROM {table}") == 2


@pytest.mark.parametrize("wanted", ["", "xyz", "a b", "<>", "@\x1b[2J", "x" * 1000 + "@y"])
def test_what_is_no_id_is_refused(transaction: Transaction, wanted: str) -> None:
    with pytest.raises(NotAMessageId):
        trace(transaction, wanted, 10, None)


def test_a_step_has_a_time_where_the_store_has_one(transaction: Transaction) -> None:
    alice = a_member(transaction, "alice")
    number = kept(transaction, alice.id, came_by_mail("1", "abc"))
    found, below = trace(transaction, "abc", newest_message(transaction), None)
    assert found[0] == TraceStep(number, NOW, "came", found[0].details)
    assert (found[1].at, below) == (None, None)
