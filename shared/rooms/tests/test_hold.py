"""Posts to moderated rooms wait for a moderator, and are decided about once."""

from __future__ import annotations

import threading
from email import message_from_bytes
from typing import Any

import pytest

from shared.accounts.account import Role
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.folders.channel import FolderChanged
from shared.folders.errors import MessageTooLarge
from shared.folders.find_folders import find_folder
from shared.folders.open_folder import open_folder
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import AlreadyDecided, DuplicateArticle, NotAModerator, NotHeld, RoomNotFound
from shared.rooms.moderation.approve import approve
from shared.rooms.moderation.held import Decided, list_held
from shared.rooms.moderation.reject import reject
from shared.rooms.posts.hold import MOST_HELD_OCTETS, Held, hold_post
from shared.rooms.reader import Reader
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.room import Room, Water
from shared.rooms.tests.build import HOSTNAME, NOW, a_moderator, a_post, a_reader, an_article, an_open_room, posted

DOMAIN = "example.org"


def hold(tx: Transaction, *rooms: Room, octets: bytes | None = None, account_id: int | None = None) -> Held:
    return hold_post(tx, a_post(*rooms, octets=octets, account_id=account_id), DOMAIN, NOW)


def decide(tx: Transaction, token: str, reader: Reader | None) -> Decided:
    return approve(tx, token, reader, HOSTNAME, DOMAIN, NOW)


def inbox(tx: Transaction, reader: Reader) -> list[bytes]:
    folder = find_folder(tx, reader.account_id, "INBOX")
    return [octets for _, octets in load_bodies(tx, open_folder(tx, folder.id).message_ids)]


def test_a_held_post_has_no_number_and_each_moderator_one_mail(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b", moderated=True)
    moderators = [a_moderator(transaction, room), a_moderator(transaction, room)]
    admin = a_reader(transaction, role=Role.ADMIN)
    came = an_article("wool", identifier="<1@x>")

    held = hold(transaction, room, octets=came)

    assert held.moderators == 2
    assert water_of(transaction, room.folder_id) == Water(1, 0, 0)
    assert not articles.is_known(transaction, b"<1@x>")
    assert inbox(transaction, admin) == []
    for moderator in moderators:
        (mail,) = inbox(transaction, moderator)
        parsed: Any = message_from_bytes(mail)
        assert parsed["Subject"] == "To be approved: wool"
        assert parsed["From"] == f"Moderation <approve+{held.token}@example.org>"
        text, attached = parsed.get_payload()
        assert f"reject+{held.token}@example.org" in text.get_payload()
        assert attached.get_content_type() == "message/rfc822"
        assert came in mail
    (line,) = list_held(transaction)
    assert (line.token, line.rooms, line.subject, line.octets) == (held.token, ["a.b"], b"wool", len(came))


def test_where_a_room_has_no_moderator_the_admins_are_asked(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b", moderated=True)
    admin = a_reader(transaction, role=Role.ADMIN)
    assert hold(transaction, room).moderators == 1
    assert len(inbox(transaction, admin)) == 1


def test_an_approved_post_has_approved_on_top_and_the_next_number(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b", moderated=True), an_open_room(transaction, "a.c")
    author, moderator = a_reader(transaction), a_moderator(transaction, room)
    posted(transaction, a_post(room), a_post(other), a_post(other))
    came = an_article(identifier="<1@x>")
    held = hold(transaction, room, other, octets=came, account_id=author.account_id)
    transaction.commit()

    decided = decide(transaction, held.token, moderator)

    assert decided == Decided("approved", b"<1@x>", ["a.b", "a.c"], [2, 3])
    assert {event.folder_id for event in transaction.commit() if isinstance(event, FolderChanged)} == {
        room.folder_id,
        other.folder_id,
    }
    article = articles.by_number(transaction, room.folder_id, 2)
    octets = dict(load_bodies(transaction, [article.message_id]))[article.message_id]
    assert moderator.account is not None
    assert octets == f"Approved: {moderator.account.name}@example.org\r\n".encode() + came
    assert article.overview.endswith(b"Xref: news.example.org a.b:2 a.c:3\r\n")
    assert transaction.value("SELECT account_id FROM identifier WHERE identifier = '<1@x>'") == author.account_id
    assert list_held(transaction) == []
    for again in (moderator, None):
        with pytest.raises(AlreadyDecided, match="approved"):
            decide(transaction, held.token, again)
    with pytest.raises(AlreadyDecided):
        reject(transaction, held.token, moderator, "", DOMAIN, NOW)


def test_a_rejected_post_has_no_number_and_its_author_the_reason(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b", moderated=True)
    author = a_reader(transaction)
    held = hold(transaction, room, octets=an_article("wool", identifier="<1@x>"), account_id=author.account_id)
    decided = reject(transaction, held.token, a_moderator(transaction, room), "Not here.\nTry a.c", DOMAIN, NOW)
    assert decided.outcome == "rejected"
    (mail,) = inbox(transaction, author)
    assert mail.endswith(
        b"Subject: Not approved: wool\r\n\r\nYour post to a.b was not approved.\r\n\r\nNot here.\r\nTry a.c\r\n"
    )
    assert water_of(transaction, room.folder_id) == Water(1, 0, 0)
    with pytest.raises(DuplicateArticle):
        hold(transaction, room, octets=an_article(identifier="<1@x>"))


@pytest.mark.parametrize("reason", ["a\0b", "half of a pair: \ud83e", "x" * 20_000])
def test_any_reason_is_one(transaction: Transaction, reason: str) -> None:
    author = a_reader(transaction)
    assert author.account_id is not None
    room = an_open_room(transaction, "a.b")
    held = hold_post(transaction, a_post(room, account_id=author.account_id), "example.org", NOW)
    assert reject(transaction, held.token, None, reason, "example.org", NOW).outcome == "rejected"
    (kept,) = transaction.row("SELECT reason FROM held WHERE token = %s", (held.token,)) or ("",)
    assert kept == reason[:10_000].replace("\0", "").replace("\ud83e", "?")


def test_only_moderators_of_all_moderated_rooms_decide(transaction: Transaction) -> None:
    first, second = (an_open_room(transaction, name, moderated=True) for name in ("a.b", "a.c"))
    opened = an_open_room(transaction, "a.d")
    held = hold(transaction, first, second, opened)
    for reader in (a_reader(transaction), a_moderator(transaction, first), a_moderator(transaction, opened)):
        with pytest.raises(NotAModerator):
            decide(transaction, held.token, reader)
        with pytest.raises(NotAModerator):
            reject(transaction, held.token, reader, "", DOMAIN, NOW)
    assert decide(transaction, held.token, a_moderator(transaction, first, second)).outcome == "approved"
    with pytest.raises(NotHeld):
        decide(transaction, "no-such-token", None)


def test_a_post_that_is_known_or_held_already_is_a_duplicate(transaction: Transaction) -> None:
    room, opened = an_open_room(transaction, "a.b", moderated=True), an_open_room(transaction, "a.c")
    posted(transaction, a_post(opened, octets=an_article(identifier="<1@x>")))
    with pytest.raises(DuplicateArticle):
        hold(transaction, room, octets=an_article(identifier="<1@x>"))
    held = hold(transaction, room, octets=an_article(identifier="<2@x>"))
    with pytest.raises(DuplicateArticle):
        hold(transaction, room, octets=an_article(identifier="<2@x>"))
    posted(transaction, a_post(opened, octets=an_article(identifier="<2@x>")))
    assert decide(transaction, held.token, None).outcome == "duplicate"
    assert water_of(transaction, room.folder_id) == Water(1, 0, 0)


def test_a_held_post_is_bounded(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b", moderated=True)
    with pytest.raises(MessageTooLarge):
        hold(transaction, room, octets=an_article(body="x" * MOST_HELD_OCTETS))


def test_a_post_whose_rooms_are_gone_is_not_posted(transaction: Transaction) -> None:
    room = an_open_room(transaction, "a.b", moderated=True)
    held = hold(transaction, room)
    delete_room(transaction, room)
    with pytest.raises(RoomNotFound):
        decide(transaction, held.token, None)


def test_of_two_moderators_at_the_same_moment_one_gives_it_a_number(
    database_url: str, transaction: Transaction
) -> None:
    room = an_open_room(transaction, "a.b", moderated=True)
    moderators = [a_moderator(transaction, room) for _ in range(4)]
    held = hold(transaction, room)
    transaction.commit()
    outcomes: list[str] = []
    together = threading.Barrier(len(moderators))

    def click(moderator: Reader) -> None:
        connection = open_connection(database_url, StoreLimits(), "test")
        tx = Transaction(connection)
        together.wait()
        try:
            outcomes.append(decide(tx, held.token, moderator).outcome)
            tx.commit()
        except AlreadyDecided:
            outcomes.append("late")
            tx.rollback()
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[moderator]) for moderator in moderators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "late", "late", "late"]
    assert water_of(transaction, room.folder_id) == Water(1, 1, 1)
