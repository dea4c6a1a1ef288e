"""Digests: once a day, one message for all who lack the same posts, each of which can be replied to."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest

from shared.database.transaction import Transaction
from shared.messages.header_fields import HeaderFields
from shared.messages.scan import end_of_header
from shared.rooms.cancels.cancel import cancel_everywhere
from shared.rooms.posts.list_mail import is_automatic, is_loop
from shared.rooms.subscriptions import send_digest
from shared.rooms.subscriptions.digest_time import next_digest
from shared.rooms.subscriptions.due import rooms_to_send
from shared.rooms.subscriptions.list_copy import list_copy
from shared.rooms.subscriptions.list_subscriptions import list_subscriptions
from shared.rooms.subscriptions.posts_to_send import SentPost
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.tests.build import LATER, NAMES, a_subscriber, inbox, send_all, send_digests
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, posted

DIGEST = SubscriptionKind.DIGEST


def parsed(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.SMTP)


def posts_in(octets: bytes) -> list[EmailMessage]:
    _, digest = parsed(octets).iter_parts()
    assert digest.get_content_type() == "multipart/digest"
    return [cast("EmailMessage", part.get_payload(0)) for part in digest.iter_parts()]


def test_a_digest_has_each_post_as_a_message_of_its_own(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    account = a_subscriber(transaction, room, kind=DIGEST)
    first = an_article("=?utf-8?q?W=C3=B6lle?=", identifier="<1@x>", References="<0@x>")
    second = an_article("beans", identifier="<2@x>", body="Gr\xfcn\r\n--agora-\r\nno end of line")
    posted(transaction, a_post(room, octets=first), a_post(room, octets=second))
    assert send_all(transaction, room) == []

    assert [tuple(sent) for sent in send_digests(transaction, room)] == [("a.b", 2, 1, 0)]

    (octets,) = inbox(transaction, account)
    message = parsed(octets)
    assert message["Subject"] == "Digest of a.b: 2 posts"
    assert message["List-Id"] == "<a.b.example.org>"
    assert message["From"] == '"a.b" <a.b@example.org>'
    contents, _ = message.iter_parts()
    assert "1: W\xf6lle" in contents.get_content()
    posts = posts_in(octets)
    assert [post["Message-ID"] for post in posts] == ["<1@x>", "<2@x>"]
    assert (posts[0]["References"], posts[0]["From"]) == ("<0@x>", "Alice <alice@example.org>")
    assert posts[1]["List-Post"] == "<mailto:a.b@example.org>"
    for number, came in enumerate((first, second), 1):  # octet for octet
        assert list_copy(SentPost(number, came), room, NAMES).removeprefix(b"Return-Path: <>\r\n") in octets


def test_a_digest_is_no_post_when_it_comes_back(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b")
    account = a_subscriber(transaction, room, kind=DIGEST)
    posted(transaction, a_post(room))
    send_digests(transaction, room)
    (octets,) = inbox(transaction, account)
    header = HeaderFields(octets[: end_of_header(octets, 0, len(octets))])
    assert is_automatic(header)
    assert is_loop(header, ["a.b"], "example.org")


def test_subscribers_who_lack_the_same_posts_share_one_message(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    early = [a_subscriber(transaction, room, kind=DIGEST) for _ in range(3)]
    posted(transaction, a_post(room))
    late = [a_subscriber(transaction, room, kind=DIGEST) for _ in range(2)]
    posted(transaction, a_post(room))
    transaction.commit()
    before = transaction.value("SELECT count(*) FROM message")
    assert [(sent.posts, sent.copies) for sent in send_digests(transaction, room)] == [(2, 3), (1, 2)]
    assert transaction.value("SELECT count(*) FROM message") == before + 2
    assert [len(posts_in(*inbox(transaction, account))) for account in (*early, *late)] == [2, 2, 2, 1, 1]


def test_a_digest_comes_once_a_day_and_not_without_posts(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    account = a_subscriber(transaction, room, kind=DIGEST)
    posted(transaction, a_post(room, octets=an_article(identifier="<c@x>")))
    cancel_everywhere(transaction, b"<c@x>")
    assert rooms_to_send(transaction, NOW).digests == []
    assert rooms_to_send(transaction, LATER).digests == [room.folder_id]
    assert [sent.posts for sent in send_digests(transaction, room)] == [0]
    assert rooms_to_send(transaction, LATER).digests == []
    posted(transaction, a_post(room))
    assert send_digests(transaction, room) == []
    assert inbox(transaction, account) == []


def test_more_posts_than_one_digest_takes_follow_in_another(
    transaction: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_digest, "MOST_POSTS_IN_DIGEST", 2)
    room = an_open_room(transaction)
    account = a_subscriber(transaction, room, kind=DIGEST)
    posted(transaction, *(a_post(room) for _ in range(5)))
    assert [sent.posts for sent in send_digests(transaction, room)] == [2, 2, 1]
    assert [len(posts_in(octets)) for octets in inbox(transaction, account)] == [2, 2, 1]


def test_a_digest_for_a_full_mailbox_is_passed_over(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    full = a_subscriber(transaction, room, kind=DIGEST, quota_octets=10)
    other = a_subscriber(transaction, room, kind=DIGEST)
    posted(transaction, a_post(room), a_post(room))
    assert [tuple(sent)[1:] for sent in send_digests(transaction, room)] == [(2, 1, 1)]
    assert (len(inbox(transaction, full)), len(inbox(transaction, other))) == (0, 1)
    notes = {each.account: (each.passed_over, each.position) for each in list_subscriptions(transaction, room)}
    assert notes == {full.name: (2, 2), other.name: (0, 2)}


def test_the_next_digest_is_at_four_by_universal_time() -> None:
    at = datetime(2026, 3, 1, 4, tzinfo=UTC)
    assert next_digest(at.replace(hour=3)) == at
    assert next_digest(at) == at.replace(day=2)
