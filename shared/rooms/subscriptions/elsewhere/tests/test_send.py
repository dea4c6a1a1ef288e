"""Posts for subscribers elsewhere: one message, and an envelope for each of them."""

from __future__ import annotations

from datetime import timedelta

from shared.database.transaction import Transaction
from shared.rooms.change_room import change_room
from shared.rooms.room import Readers
from shared.rooms.subscriptions.due import rooms_to_send
from shared.rooms.subscriptions.elsewhere.claim import MOST_SUBSCRIBERS, RemoteSubscriber
from shared.rooms.subscriptions.elsewhere.envelope import addressed
from shared.rooms.subscriptions.elsewhere.send import send_digest_elsewhere
from shared.rooms.subscriptions.elsewhere.subscribe import unsubscribe_by_token
from shared.rooms.subscriptions.elsewhere.tests.build import in_queue, remote, send_all_elsewhere
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.tests.build import LATER, NAMES
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, posted


def test_post_is_one_message_with_an_envelope_for_each_subscriber(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    ann, bob = remote(transaction, room, "ann@far.test"), remote(transaction, room, "Bob@else.test")
    remote(transaction, other, "cat@far.test")
    posted(transaction, a_post(room, octets=an_article("wool")))
    transaction.commit()
    found = rooms_to_send(transaction, NOW)
    assert (found.each, found.each_elsewhere, found.subscribed) == (
        [], [room.folder_id], {room.folder_id, other.folder_id}
    )  # fmt: skip

    assert [each[:3] for each in send_all_elsewhere(transaction, room)] == [("a.b", 1, 2)]

    queued = in_queue(transaction)
    assert [(each.sender, each.address, each.own_sender) for each in queued] == [
        ("", "ann@far.test", f"bounce+{ann}@example.org"),
        ("", "Bob@else.test", f"bounce+{bob}@example.org"),
    ]
    assert queued[0].fields == f"List-Unsubscribe: <mailto:unsubscribe+{ann}@example.org>\r\n"
    assert transaction.value("SELECT count(*) FROM outbound") == 1
    assert b"List-Unsubscribe:" not in queued[0].octets
    assert b"\r\nList-Id: <a.b.example.org>\r\n" in queued[0].octets
    assert transaction.value("SELECT recipients FROM event_trace") == 2
    assert send_all_elsewhere(transaction, room) == []
    assert rooms_to_send(transaction, NOW).each_elsewhere == []


def test_what_our_checks_have_found_is_in_copies_of_what_came_by_mail(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    remote(transaction, room, "ann@far.test")
    found = b"Authentication-Results: news.example.org; dmarc=pass\r\n"
    for door in ("nntp", "imap", "smtp", "lmtp"):
        posted(transaction, a_post(room, octets=found + an_article(door))._replace(door=door))
    transaction.commit()
    send_all_elsewhere(transaction, room)
    assert [found in each.octets for each in in_queue(transaction)] == [False, False, True, True]


def test_site_takes_the_click_that_unsubscribes(transaction: Transaction) -> None:
    names = NAMES._replace(web_url="https://example.org")
    fields = addressed(RemoteSubscriber(1, 0, "ann@far.test", "far.test", "t0k"), names).fields
    assert fields == (
        "List-Unsubscribe: <https://example.org/unsubscribe/t0k>,\r\n\t<mailto:unsubscribe+t0k@example.org>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )


def test_posts_of_before_and_of_after_are_not_sent(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    posted(transaction, a_post(room, octets=an_article("before")))
    token = remote(transaction, room, "ann@far.test")
    posted(transaction, a_post(room, octets=an_article("between")))
    transaction.commit()
    assert len(send_all_elsewhere(transaction, room)) == 1
    assert unsubscribe_by_token(transaction, token) == "a.b"
    assert unsubscribe_by_token(transaction, token) is None
    posted(transaction, a_post(room, octets=an_article("after")))
    transaction.commit()
    send_all_elsewhere(transaction, room)
    (queued,) = in_queue(transaction)
    assert b"Subject: between\r\n" in queued.octets


def test_room_that_closes_sends_nothing_elsewhere_and_nothing_of_that_time_later(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    remote(transaction, room, "ann@far.test")
    change_room(transaction, room, {"reading": Readers.MEMBERS})
    posted(transaction, a_post(room, octets=an_article("private")))
    transaction.commit()
    assert [each[:3] for each in send_all_elsewhere(transaction, room)] == [("a.b", 0, 0)]
    change_room(transaction, room, {"reading": Readers.EVERYONE})
    posted(transaction, a_post(room, octets=an_article("public")))
    transaction.commit()
    send_all_elsewhere(transaction, room)
    (queued,) = in_queue(transaction)
    assert b"Subject: public\r\n" in queued.octets


def test_digest_is_one_message_a_day(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    for address in ("ann@far.test", "bob@far.test"):
        remote(transaction, room, address, SubscriptionKind.DIGEST)
    for subject in ("wool", "silk"):
        posted(transaction, a_post(room, octets=an_article(subject)))
    transaction.commit()
    assert send_digest_elsewhere(transaction, room.folder_id, NAMES, NOW) is None
    assert rooms_to_send(transaction, LATER).digests_elsewhere == [room.folder_id]
    sent = send_digest_elsewhere(transaction, room.folder_id, NAMES, LATER)
    assert sent is not None
    assert sent[:3] == ("a.b", 2, 2)
    ann, bob = in_queue(transaction)
    assert ann.octets == bob.octets
    assert b"Subject: Digest of a.b: 2 posts\r\n" in ann.octets
    assert b"List-Unsubscribe" not in ann.octets.partition(b"\r\n\r\n")[0]
    assert ann.fields.startswith("List-Unsubscribe: ")
    assert send_digest_elsewhere(transaction, room.folder_id, NAMES, LATER) is None
    assert send_digest_elsewhere(transaction, room.folder_id, NAMES, LATER + timedelta(days=1)) is not None
    assert len(in_queue(transaction)) == 2  # a day without posts has no digest


def test_thousands_are_queued_in_a_few_transactions(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    transaction.execute(
        "INSERT INTO remote_subscriber (folder_id, position, address, domain, kind, token)"
        " SELECT %s, 0, 'a' || n || '@far.test', 'far.test', 'each', n::text FROM generate_series(1, %s) AS n",
        (room.folder_id, MOST_SUBSCRIBERS + 1000),
    )
    posted(transaction, a_post(room, octets=an_article("wool")))
    transaction.commit()
    assert [each.copies for each in send_all_elsewhere(transaction, room)] == [MOST_SUBSCRIBERS, 1000]
    assert transaction.value("SELECT count(*) FROM outbound") == 2
    assert transaction.value("SELECT count(DISTINCT address) FROM outbound_recipient") == MOST_SUBSCRIBERS + 1000
