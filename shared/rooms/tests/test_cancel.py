"""Cancelled articles are gone from every room at once, and come back under the numbers that they had."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import pytest

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.folders.changes import changes_since
from shared.folders.channel import FolderChanged
from shared.folders.open_folder import open_folder
from shared.folders.purge import forget_vanished
from shared.messages.header_fields import HeaderFields
from shared.rooms.cancels.cancel import cancel_article, cancel_everywhere
from shared.rooms.cancels.cancel_lock import elements, opens
from shared.rooms.cancels.undo_cancel import undo_cancel, undo_everywhere
from shared.rooms.errors import ArticleNotFound, DuplicateArticle, NotTheAuthor
from shared.rooms.posts.post import post_articles
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.room import Room, Water
from shared.rooms.tests.build import a_moderator, a_post, a_reader, an_article, an_open_room, posted, uids

ID = b"<1@x>"


def numbers(tx: Transaction, room: Room) -> list[int]:
    found = list(articles.numbers(tx, room.folder_id, 1, 2**31 - 1, 1000))
    assert list(open_folder(tx, room.folder_id).uids) == found
    assert water_of(tx, room.folder_id).count == len(found)
    return found


def a_crosspost(tx: Transaction, author: Reader | None = None) -> tuple[Room, Room]:
    """Number 2 of three in a.b, 1 of one in a.c."""
    rooms = an_open_room(tx, "a.b"), an_open_room(tx, "a.c")
    octets = an_article(identifier=ID.decode())
    post = a_post(*rooms, octets=octets, account_id=None if author is None else author.account_id)
    posted(tx, a_post(rooms[0]), post, a_post(rooms[0]))
    tx.commit()
    return rooms


def test_an_author_s_cancel_is_in_all_rooms_and_in_the_change_log(transaction: Transaction) -> None:
    author = a_reader(transaction)
    first, second = a_crosspost(transaction, author)
    before = open_folder(transaction, first.folder_id).folder

    cancelled = cancel_article(transaction, ID, author)

    assert cancelled.numbers == [(first.folder_id, 2), (second.folder_id, 1)]
    assert {event.folder_id for event in transaction.commit() if isinstance(event, FolderChanged)} == {
        first.folder_id,
        second.folder_id,
    }
    assert (numbers(transaction, first), numbers(transaction, second)) == ([1, 3], [])
    assert list(changes_since(transaction, first.folder_id, before.highest_modseq).vanished) == [2]
    with pytest.raises(ArticleNotFound):
        articles.by_number(transaction, first.folder_id, 2)
    with pytest.raises(ArticleNotFound):
        articles.by_identifier(transaction, ID)
    with pytest.raises(ArticleNotFound):
        cancel_article(transaction, ID, author)
    (again,) = post_articles(transaction, [a_post(first, octets=an_article(identifier=ID.decode()))])
    assert isinstance(again, DuplicateArticle)


def test_a_cancel_is_undone_under_the_same_numbers_and_a_new_position(transaction: Transaction) -> None:
    author = a_reader(transaction)
    first, second = a_crosspost(transaction, author)
    octets = open_folder(transaction, first.folder_id).folder.octets
    line = articles.by_number(transaction, first.folder_id, 2).overview
    cancel_article(transaction, ID, author)
    between = open_folder(transaction, first.folder_id).folder
    transaction.commit()

    undone = undo_cancel(transaction, ID, author)

    assert undone.numbers == [(first.folder_id, 2), (second.folder_id, 1)]
    assert FolderChanged(first.folder_id, between.highest_modseq + 1) in transaction.commit()
    assert (numbers(transaction, first), numbers(transaction, second)) == ([1, 2, 3], [1])
    assert articles.by_number(transaction, first.folder_id, 2).overview == line
    changes = changes_since(transaction, first.folder_id, between.highest_modseq)
    assert (list(changes.uids), list(changes.vanished)) == ([2], [])
    assert changes.folder.octets == octets
    assert uids(posted(transaction, a_post(second))[0]) == [2]
    with pytest.raises(ArticleNotFound):
        undo_cancel(transaction, ID, author)


def test_strangers_and_other_members_cancel_nothing(transaction: Transaction) -> None:
    first, _ = a_crosspost(transaction, a_reader(transaction))
    for reader in (STRANGER, a_reader(transaction)):
        with pytest.raises(NotTheAuthor):
            cancel_article(transaction, ID, reader)
    assert numbers(transaction, first) == [1, 2, 3]


def test_a_stranger_s_article_is_no_other_stranger_s(transaction: Transaction) -> None:
    a_crosspost(transaction)
    with pytest.raises(NotTheAuthor):
        cancel_article(transaction, ID, STRANGER)


def test_a_moderator_cancels_in_the_rooms_that_they_moderate(transaction: Transaction) -> None:
    first, second = a_crosspost(transaction, a_reader(transaction))
    moderator = a_moderator(transaction, second)
    assert cancel_article(transaction, ID, moderator).numbers == [(second.folder_id, 1)]
    assert (numbers(transaction, first), numbers(transaction, second)) == ([1, 2, 3], [])
    assert undo_cancel(transaction, ID, moderator).numbers == [(second.folder_id, 1)]
    assert cancel_article(transaction, ID, a_reader(transaction, role=Role.ADMIN)).numbers == [
        (first.folder_id, 2),
        (second.folder_id, 1),
    ]


def test_an_author_does_not_undo_what_a_moderator_cancelled(transaction: Transaction) -> None:
    author = a_reader(transaction)
    first, second = a_crosspost(transaction, author)
    cancel_article(transaction, ID, a_moderator(transaction, first, second))
    with pytest.raises(NotTheAuthor):
        undo_cancel(transaction, ID, author)
    assert undo_everywhere(transaction, ID).numbers == [(first.folder_id, 2), (second.folder_id, 1)]


def test_the_operator_cancels_and_undoes_everything(transaction: Transaction) -> None:
    first, _ = a_crosspost(transaction)
    cancel_everywhere(transaction, ID)
    assert numbers(transaction, first) == [1, 3]
    undo_everywhere(transaction, ID)
    assert numbers(transaction, first) == [1, 2, 3]


def test_the_low_water_mark_stays_while_an_article_may_come_back(transaction: Transaction) -> None:
    """RFC 3977 §6.1.1.2: newsreaders forget what is below it, for it never recurs."""
    room = an_open_room(transaction)
    posted(transaction, a_post(room, octets=an_article(identifier=ID.decode())), a_post(room))
    cancel_everywhere(transaction, ID)
    assert water_of(transaction, room.folder_id) == Water(1, 2, 1)
    undo_everywhere(transaction, ID)
    assert water_of(transaction, room.folder_id) == Water(1, 2, 2)


def test_what_is_forgotten_cannot_be_undone(transaction: Transaction) -> None:
    first, _ = a_crosspost(transaction)
    cancel_everywhere(transaction, ID)
    transaction.commit()
    forget_vanished(transaction, timedelta(0))
    with pytest.raises(ArticleNotFound):
        undo_everywhere(transaction, ID)
    assert numbers(transaction, first) == [1, 3]


def lock_of(key: bytes, scheme: str = "sha256") -> str:
    return f"{scheme}:{base64.b64encode(hashlib.new(scheme, key).digest()).decode()}"


def test_who_has_the_key_cancels_without_an_account(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    key = base64.b64encode(b"a secret of the newsreader")
    octets = an_article(identifier=ID.decode(), Cancel_Lock=f"sha1:AAAA (old)\r\n {lock_of(key)}")
    posted(transaction, a_post(room, octets=octets))
    for wrong in ([(b"sha256", b"x" + key)], [(b"sha1", key)], [(b"sha512", key)], []):
        with pytest.raises(NotTheAuthor):
            cancel_article(transaction, ID, STRANGER, wrong)
    cancel_article(transaction, ID, STRANGER, [(b"sha256", b"other"), (b"sha256", key)])
    assert numbers(transaction, room) == []


def test_the_vector_of_rfc_8315_opens() -> None:
    lock = HeaderFields(b"Cancel-Lock: sha256:s/pmK/3grrz++29ce2/mQydzJuc7iqHn1nqcJiQTPMc=\r\n")
    key = HeaderFields(b"Cancel-Key: sha256:qv1VXHYiCGjkX/N1nhfYKcAeUn8bCVhrWhoKuBSnpMA=\r\n")
    assert opens(elements(key, b"cancel-key"), elements(lock, b"cancel-lock"))


def test_an_article_that_supersedes_another_takes_its_place_in_one_commit(transaction: Transaction) -> None:
    author = a_reader(transaction)
    first, second = a_crosspost(transaction, author)
    newer = a_post(first, account_id=author.account_id)._replace(
        superseded=[(first.folder_id, 2), (second.folder_id, 1)]
    )
    assert uids(posted(transaction, newer)[0]) == [4]
    assert (numbers(transaction, first), numbers(transaction, second)) == ([1, 3, 4], [])
    duplicate = newer._replace(superseded=[(first.folder_id, 1)])
    assert isinstance(post_articles(transaction, [duplicate])[0], DuplicateArticle)
    assert numbers(transaction, first) == [1, 3, 4]
