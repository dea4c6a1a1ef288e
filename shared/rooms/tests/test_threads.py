"""Threads of a room are made of Message-IDs, and read page by page."""

from __future__ import annotations

import pytest

from shared.database.transaction import Transaction
from shared.folders.flags import SEEN
from shared.rooms.cancels.cancel import cancel_everywhere
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.errors import ArticleNotFound
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.posts.place_in_threads import is_in_threads, place_in_threads
from shared.rooms.reading.list_threads import ThreadPage, list_threads
from shared.rooms.reading.read_thread import page_with, read_thread, thread_of
from shared.rooms.room import Room
from shared.rooms.tests.build import a_post, a_reader, an_article, an_open_room, posted


def post(tx: Transaction, room: Room, identifier: str, subject: str = "wool", **fields: str) -> None:
    posted(tx, a_post(room, octets=an_article(subject, identifier=identifier, **fields)))


def threads(tx: Transaction, room: Room, **options: int) -> list[list[int]]:
    while not place_in_threads(tx, room.folder_id):
        pass
    page = list_threads(tx, room.folder_id, None, **options)
    return [numbers(tx, room, line.first.uid) for line in page.threads]


def numbers(tx: Transaction, room: Room, uid: int) -> list[int]:
    page = read_thread(tx, room.folder_id, thread_of(tx, room.folder_id, uid))
    return [article.uid for article in page.articles]


def test_a_thread_is_a_message_with_its_answers_and_the_newest_comes_first(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>")
    post(transaction, room, "<b@x>")
    post(transaction, room, "<c@x>", References="<a@x>")
    post(transaction, room, "<d@x>", References="<a@x> <c@x>")

    assert threads(transaction, room) == [[1, 3, 4], [2]]
    line = list_threads(transaction, room.folder_id, None).threads[0]
    assert (line.first.subject, line.first.author.name, line.last.uid, line.articles) == ("wool", "Alice", 4, 3)


def test_an_answer_that_lost_its_first_references_stays_in_its_thread(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>")
    post(transaction, room, "<b@x>", References="<a@x>")
    post(transaction, room, "<c@x>", References="<b@x>")
    assert threads(transaction, room) == [[1, 2, 3]]
    post(transaction, room, "<d@x>", References="<c@x>")  # its parent was placed before
    assert threads(transaction, room) == [[1, 2, 3, 4]]


def test_mail_that_has_in_reply_to_alone_is_an_answer(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>")
    post(transaction, room, "<b@x>", In_Reply_To="<a@x>")
    assert threads(transaction, room) == [[1, 2]]


def test_answers_to_a_message_that_is_not_here_are_one_thread_which_it_joins(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<b@x>", References="<a@x>")
    post(transaction, room, "<c@x>", References="<a@x>")
    assert threads(transaction, room) == [[1, 2]]
    post(transaction, room, "<a@x>")
    assert threads(transaction, room) == [[1, 2, 3]]


def test_a_message_that_refers_to_itself_begins_a_thread(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>", References="<a@x>")
    assert threads(transaction, room) == [[1]]


def test_rooms_with_a_crosspost_have_threads_of_their_own(transaction: Transaction) -> None:
    first, second = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    posted(transaction, a_post(second))
    posted(transaction, a_post(first, second, octets=an_article(identifier="<a@x>")))
    post(transaction, second, "<b@x>", References="<a@x>")
    assert threads(transaction, first) == [[1]]
    assert threads(transaction, second) == [[2, 3], [1]]


def test_pages_have_each_thread_once(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    for number in range(6):
        post(transaction, room, f"<{number}@y>")
    post(transaction, room, "<r@y>", References="<1@y>")  # number 7
    assert threads(transaction, room, most=3) == [[2, 7], [6], [5]]

    page = list_threads(transaction, room.folder_id, None, most=3)
    assert page.before == 5
    last = list_threads(transaction, room.folder_id, None, page.before, most=3)
    assert [line.last.uid for line in last.threads] == [4, 3, 1]
    assert last.before is None


def test_a_long_thread_is_read_page_by_page_in_both_directions(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<0@z>")
    for number in range(1, 7):
        post(transaction, room, f"<{number}@z>", References="<0@z>")
    place_in_threads(transaction, room.folder_id)
    thread = thread_of(transaction, room.folder_id, 5)

    first = read_thread(transaction, room.folder_id, thread, 0, 3)
    assert ([each.uid for each in first.articles], first.previous, first.is_last) == ([1, 2, 3], None, False)
    second = read_thread(transaction, room.folder_id, thread, 3, 3)
    assert ([each.uid for each in second.articles], second.previous, second.is_last) == ([4, 5, 6], 0, False)
    third = read_thread(transaction, room.folder_id, thread, 6, 3)
    assert ([each.uid for each in third.articles], third.previous, third.is_last) == ([7], 3, True)
    assert [page_with(transaction, room.folder_id, thread, uid, 3) for uid in range(1, 8)] == [0, 0, 0, 3, 3, 3, 6]


def test_unread_articles_are_counted_for_the_account_alone(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>")
    post(transaction, room, "<b@x>", References="<a@x>")
    account_id = a_reader(transaction).account_id
    assert account_id is not None
    place_in_threads(transaction, room.folder_id)

    def unread(account: int | None) -> list[int]:
        page: ThreadPage = list_threads(transaction, room.folder_id, account)
        return [line.unread for line in page.threads]

    assert (unread(account_id), unread(None)) == ([2], [0])
    set_marks(transaction, account_id, room.folder_id, [2], "add", SEEN)
    assert (unread(account_id), unread(None)) == ([1], [0])


def test_what_is_cancelled_is_in_no_thread_until_it_is_put_back(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>")
    post(transaction, room, "<b@x>", References="<a@x>")
    post(transaction, room, "<c@x>")
    transaction.commit()
    cancel_everywhere(transaction, b"<b@x>")
    assert threads(transaction, room) == [[3], [1]]
    with pytest.raises(ArticleNotFound):
        thread_of(transaction, room.folder_id, 2)
    undo_everywhere(transaction, b"<b@x>")
    assert threads(transaction, room) == [[3], [1, 2]]


def test_it_is_known_whether_all_have_their_place(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    assert is_in_threads(transaction, room.folder_id)
    post(transaction, room, "<a@x>")
    post(transaction, room, "<b@x>")
    assert not is_in_threads(transaction, room.folder_id)
    assert not place_in_threads(transaction, room.folder_id, 1)
    assert not is_in_threads(transaction, room.folder_id)
    place_in_threads(transaction, room.folder_id)
    assert is_in_threads(transaction, room.folder_id)


def test_an_answer_without_references_is_found_by_its_subject(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>", "Blue wool")
    post(transaction, room, "<b@x>", "Re: [list] BLUE  wool")
    assert threads(transaction, room) == [[1, 2]]
    post(transaction, room, "<c@x>", "Re: Re: blue wool")  # what it answers was placed before
    post(transaction, room, "<d@x>", "Re: other")
    post(transaction, room, "<e@x>", "Fwd: other")
    post(transaction, room, "<f@x>", "Re: blue wool", References="<d@x>")  # References count for more
    assert threads(transaction, room) == [[4, 5, 6], [1, 2, 3]]


def test_articles_of_one_subject_that_answer_nothing_are_threads_of_their_own(transaction: Transaction) -> None:
    room, other = an_open_room(transaction), an_open_room(transaction, "a.b")
    post(transaction, room, "<a@x>", "Meeting")
    post(transaction, room, "<b@x>", "Meeting")
    post(transaction, room, "<c@x>", "Re: Meeting")  # the newest of them is answered
    post(transaction, room, "<d@x>", "Re: ")
    post(transaction, room, "<e@x>", "Re: ")
    post(transaction, other, "<f@x>", "Re: Meeting")
    assert threads(transaction, room) == [[5], [4], [2, 3], [1]]
    assert threads(transaction, other) == [[1]]


def test_an_answer_by_subject_is_itself_answered_by_references(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    post(transaction, room, "<a@x>", "wool")
    post(transaction, room, "<b@x>", "Re: wool")
    post(transaction, room, "<c@x>", "Re: wool", References="<b@x>")
    assert threads(transaction, room) == [[1, 2, 3]]
