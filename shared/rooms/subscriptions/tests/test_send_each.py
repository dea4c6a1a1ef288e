"""Posts are sent one by one: once to each subscriber, and as one message to all of them."""

from __future__ import annotations

import pytest

from shared.accounts.account import Role
from shared.accounts.change_account import disable_account, enable_account, set_role
from shared.accounts.delete_account import delete_account
from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.delete_folder import delete_folder
from shared.folders.find_folders import find_folder
from shared.rooms.cancels.cancel import cancel_everywhere
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import RoomNotFound
from shared.rooms.expire import expire
from shared.rooms.moderation.approve import approve
from shared.rooms.posts.hold import hold_post
from shared.rooms.subscriptions import posts_to_send, send_each
from shared.rooms.subscriptions.due import RoomsToSend, rooms_to_send
from shared.rooms.subscriptions.errors import MayNotSubscribe, NotSubscribed
from shared.rooms.subscriptions.list_subscriptions import count_subscriptions, list_subscriptions
from shared.rooms.subscriptions.subscribe import subscribe
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.tests.build import NAMES, a_subscriber, inbox, send_all
from shared.rooms.subscriptions.unsubscribe import unsubscribe
from shared.rooms.tests.build import HOSTNAME, NOW, a_post, an_article, an_open_room, posted
from shared.testing.builders import a_member

EACH = SubscriptionKind.EACH


def subjects(tx: Transaction, account: object) -> list[str]:
    return [
        line.removeprefix(b"Subject: ").decode()
        for octets in inbox(tx, account)  # type: ignore[arg-type]
        for line in octets.split(b"\r\n")
        if line.startswith(b"Subject: ")
    ]


def test_a_post_is_sent_to_all_subscribers_and_its_author_too(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    first, second = a_subscriber(transaction, room), a_subscriber(transaction, room)
    stranger = a_subscriber(transaction, other)
    posted(transaction, a_post(room, octets=an_article("wool"), account_id=first.id))
    transaction.commit()

    (sent,) = send_all(transaction, room)

    assert sent == ("a.b", 1, 2, 0)
    assert subjects(transaction, first) == subjects(transaction, second) == ["wool"]
    assert inbox(transaction, stranger) == []
    assert rooms_to_send(transaction, NOW) == RoomsToSend({room.folder_id, other.folder_id}, [], [], [], [])


def test_posts_from_before_the_subscription_are_not_sent(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    posted(transaction, a_post(room, octets=an_article("before")))
    account = a_subscriber(transaction, room)
    assert send_all(transaction, room) == []
    posted(transaction, a_post(room, octets=an_article("after")))
    send_all(transaction, room)
    assert subjects(transaction, account) == ["after"]


def test_a_thousand_subscribers_share_one_message_and_are_told_of_it(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    transaction.execute("INSERT INTO account (name, role) SELECT 'm' || n, 'member' FROM generate_series(1, 1000) n")
    transaction.execute("INSERT INTO folder (account_id, name) SELECT id, 'INBOX' FROM account WHERE name LIKE 'm%'")
    transaction.execute(
        "INSERT INTO room_subscription (folder_id, account_id, kind, position) SELECT %s, id, 'each', 0 FROM account",
        (room.folder_id,),
    )
    posted(transaction, a_post(room))
    transaction.commit()
    before = transaction.value("SELECT count(*) FROM message")

    assert send_each.send_each(transaction, room.folder_id, NAMES, NOW) == (room.name, 1, 1000, 0)

    assert len([event for event in transaction.commit() if isinstance(event, FolderChanged)]) == 1000
    assert transaction.value("SELECT count(*) FROM message") == before + 1
    newest = transaction.value("SELECT max(id) FROM message")
    assert transaction.value("SELECT count(*) FROM entry WHERE message_id = %s", (newest,)) == 1000
    assert transaction.value("SELECT count(*) FROM room_subscription WHERE position = 1") == 1000


def test_many_posts_are_sent_in_steps_in_their_order(transaction: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_each, "MOST_POSTS", 3)
    room = an_open_room(transaction)
    early = a_subscriber(transaction, room)
    posted(transaction, *(a_post(room, octets=an_article(str(number))) for number in range(4)))
    late = a_subscriber(transaction, room)
    posted(transaction, *(a_post(room, octets=an_article(str(number))) for number in range(4, 8)))
    assert [(sent.posts, sent.copies) for sent in send_all(transaction, room)] == [(3, 3), (3, 5), (2, 4)]
    assert subjects(transaction, early) == [str(number) for number in range(8)]
    assert subjects(transaction, late) == [str(number) for number in range(4, 8)]


def test_large_posts_are_sent_in_steps(transaction: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts_to_send, "MOST_OCTETS", 2500)
    room = an_open_room(transaction)
    account = a_subscriber(transaction, room)
    bodies = (1000, 1000, 9000, 10)
    posted(transaction, *(a_post(room, octets=an_article(str(size), body="x" * size)) for size in bodies))
    assert [sent.posts for sent in send_all(transaction, room)] == [2, 1, 1]
    assert subjects(transaction, account) == [str(size) for size in bodies]


def test_what_is_held_cancelled_or_expired_before_it_is_sent_is_not_sent(transaction: Transaction) -> None:
    room = an_open_room(transaction, moderated=True, keep_days=1)
    account = a_subscriber(transaction, room)
    posted(transaction, a_post(room, octets=an_article("expired")), a_post(room, octets=an_article("kept")))
    transaction.execute("UPDATE article SET came_at = now() - interval '2 days' WHERE uid = 1")
    expire(transaction, room.folder_id)
    posted(transaction, a_post(room, octets=an_article("cancelled", identifier="<c@x>")))
    cancel_everywhere(transaction, b"<c@x>")
    held = hold_post(transaction, a_post(room, octets=an_article("held")), "example.org", NOW)
    send_all(transaction, room)
    assert subjects(transaction, account) == ["kept"]

    approve(transaction, held.token, None, HOSTNAME, "example.org", NOW)
    send_all(transaction, room)
    assert subjects(transaction, account) == ["kept", "held"]


def test_a_cancelled_post_that_comes_back_is_not_sent_late_nor_again(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    account = a_subscriber(transaction, room)
    posted(transaction, a_post(room, octets=an_article("sent", identifier="<s@x>")))
    send_all(transaction, room)
    posted(transaction, a_post(room, octets=an_article("never", identifier="<n@x>")))
    for identifier in (b"<s@x>", b"<n@x>"):
        cancel_everywhere(transaction, identifier)
    send_all(transaction, room)
    for identifier in (b"<s@x>", b"<n@x>"):
        undo_everywhere(transaction, identifier)
    assert send_all(transaction, room) == []
    assert subjects(transaction, account) == ["sent"]


def test_a_full_mailbox_is_passed_over_and_noted_and_others_get_theirs(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    full, other = a_subscriber(transaction, room, quota_octets=10), a_subscriber(transaction, room)
    posted(transaction, a_post(room, octets=an_article("one")), a_post(room, octets=an_article("two")))

    assert [tuple(sent)[1:] for sent in send_all(transaction, room)] == [(2, 2, 1)]

    assert subjects(transaction, other) == ["one", "two"]
    assert inbox(transaction, full) == []
    notes = {each.account: each[4:] for each in list_subscriptions(transaction, room)}
    assert notes == {full.name: (2, NOW, "the mailbox is full"), other.name: (0, None, "")}
    transaction.execute("UPDATE account SET quota_octets = NULL WHERE id = %s", (full.id,))
    posted(transaction, a_post(room, octets=an_article("three")))
    send_all(transaction, room)
    assert subjects(transaction, full) == ["three"]


def test_when_every_mailbox_is_full_nothing_is_kept_and_all_are_noted(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    a_subscriber(transaction, room, quota_octets=10)
    a_subscriber(transaction, room, quota_octets=10)
    posted(transaction, a_post(room))
    assert [tuple(sent)[1:] for sent in send_all(transaction, room)] == [(1, 0, 2)]
    assert transaction.value("SELECT count(*) FROM message") == 1
    assert {each.passed_over for each in list_subscriptions(transaction, room)} == {1}


def test_a_disabled_account_and_a_guest_are_passed_over(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    disabled, guest, other = (a_subscriber(transaction, room) for _ in range(3))
    disable_account(transaction, disabled.id)
    set_role(transaction, guest.id, Role.GUEST)
    posted(transaction, a_post(room, octets=an_article("away")))
    send_all(transaction, room)
    assert (inbox(transaction, disabled), inbox(transaction, guest)) == ([], [])
    assert subjects(transaction, other) == ["away"]
    because = {each.account: each.passed_over_because for each in list_subscriptions(transaction, room)}
    assert because == {disabled.name: "the account is disabled", guest.name: "a guest receives no mail", other.name: ""}

    enable_account(transaction, disabled.id)
    posted(transaction, a_post(room, octets=an_article("back")))
    send_all(transaction, room)
    assert subjects(transaction, disabled) == ["back"]


def test_an_account_without_inbox_is_passed_over(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    without, other = a_subscriber(transaction, room), a_subscriber(transaction, room)
    transaction.execute("DELETE FROM folder WHERE id = %s", (find_folder(transaction, without.id, "INBOX").id,))
    posted(transaction, a_post(room, octets=an_article("wool")))
    send_all(transaction, room)
    assert subjects(transaction, other) == ["wool"]
    because = {each.account: each.passed_over_because for each in list_subscriptions(transaction, room)}
    assert because[without.name] == "the account has no INBOX"


def test_subscriptions_go_with_their_account_and_their_room(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    gone, stays = a_subscriber(transaction, room, other), a_subscriber(transaction, room, other)
    posted(transaction, a_post(room, other, octets=an_article("wool")))
    delete_account(transaction, gone.id)
    delete_room(transaction, other)
    send_all(transaction, room)
    with pytest.raises(RoomNotFound):
        send_all(transaction, other)
    assert subjects(transaction, stays) == ["wool"]
    assert transaction.value("SELECT count(*) FROM room_subscription") == 1
    assert rooms_to_send(transaction, NOW).subscribed == {room.folder_id}


def test_a_crosspost_is_sent_for_each_room(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    account = a_subscriber(transaction, room, other)
    posted(transaction, a_post(room, other))
    send_all(transaction, room)
    send_all(transaction, other)
    first, second = inbox(transaction, account)
    assert (b"\r\nList-Id: <a.b.example.org>\r\n" in first, b"\r\nList-Id: <a.c.example.org>\r\n" in second) == (
        True,
        True,
    )


def test_subscribing_again_changes_the_kind_and_misses_no_post(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    account = a_subscriber(transaction, room, kind=SubscriptionKind.DIGEST)
    posted(transaction, a_post(room, octets=an_article("wool")))
    subscribe(transaction, room, account, EACH, NOW)
    send_all(transaction, room)
    assert subjects(transaction, account) == ["wool"]
    assert count_subscriptions(transaction, room) == {EACH: 1, SubscriptionKind.DIGEST: 0}


def test_nothing_is_sent_after_the_subscription_has_ended(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    account = a_subscriber(transaction, room)
    posted(transaction, a_post(room))
    unsubscribe(transaction, room, account)
    send_all(transaction, room)
    assert inbox(transaction, account) == []
    with pytest.raises(NotSubscribed, match=account.name):
        unsubscribe(transaction, room, account)


def test_a_guest_may_not_subscribe(transaction: Transaction) -> None:
    room, guest = an_open_room(transaction), a_member(transaction, role=Role.GUEST)
    with pytest.raises(MayNotSubscribe, match=guest.name):
        subscribe(transaction, room, guest, EACH, NOW)


def test_a_room_that_is_deleted_cannot_be_subscribed_to(transaction: Transaction) -> None:
    room, account = an_open_room(transaction), a_member(transaction)
    delete_folder(transaction, None, room.folder_name)
    with pytest.raises(RoomNotFound):
        subscribe(transaction, room, account, EACH, NOW)
