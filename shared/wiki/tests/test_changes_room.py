"""agora.wiki.changes: each change is a message in its page's thread, and a reply there is a comment on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from twisted.internet.task import deferLater

from shared.accounts.account import Account
from shared.database.blocking import BlockingDatabase
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.bodies import load_bodies
from shared.folders.open_folder import open_folder
from shared.messages.header_fields import HeaderFields
from shared.rooms.cancels.cancel import cancel_numbers
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.directory import Directory
from shared.rooms.errors import MayNotPost, RoomNotFound
from shared.rooms.find_room import find_reader, find_room
from shared.rooms.posts.list_mail import is_automatic
from shared.rooms.posts.posting import Origin, Posting, ServerNames
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.room import Readers
from shared.rooms.search.index_articles import index_articles
from shared.rooms.search.search_articles import search_articles
from shared.rooms.tests.build import HOSTNAME, NOW, a_post, an_article, posted, uids
from shared.testing.builders import a_member
from shared.testing.overtaken import overtaken_transaction
from shared.testing.reactor import running_reactor
from shared.wiki.attach import attach
from shared.wiki.changes_room.change_message import MOST_COMPARED_OCTETS, ChangeNames
from shared.wiki.changes_room.comments import list_comments, newest_message, note_comments
from shared.wiki.changes_room.post_changes import MOST_CHANGES, is_waiting, post_changes
from shared.wiki.changes_room.poster import ChangesPoster
from shared.wiki.changes_room.room import CHANGES
from shared.wiki.channel import PageChanged
from shared.wiki.delete_page import delete_page
from shared.wiki.page import Author
from shared.wiki.policy import WikiPolicy
from shared.wiki.read_page import read_page
from shared.wiki.tests.build import MEMBERS, saved

NAMES = ChangeNames(HOSTNAME, "example.org", "https://yard.example")


def a_writer(tx: Transaction) -> Author:
    account = a_member(tx, "alice")
    tx.execute("UPDATE account SET full_name = 'Älice Fern' WHERE id = %s", (account.id,))
    return Author(account)


def post_all(tx: Transaction, wiki: WikiPolicy = MEMBERS) -> None:
    while post_changes(tx, NAMES, wiki, NOW):
        pass


def messages(tx: Transaction) -> Sequence[EmailMessage]:
    opened = open_folder(tx, find_room(tx, CHANGES).folder_id)
    bodies = dict(load_bodies(tx, opened.message_ids))
    return [message_from_bytes(bodies[each], policy=policy.default) for each in opened.message_ids]


def text_of(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


def test_each_save_is_a_message_with_its_difference_in_the_thread_of_its_page(transaction: Transaction) -> None:
    alice = a_writer(transaction)
    saved(transaction, "Tea", "one\ntwo\n", alice, comment="the first")
    saved(transaction, "Coffee", "black\n", alice)
    post_all(transaction)
    saved(transaction, "Tea", "one\n2\n", alice, comment="a cypher ☕")
    post_all(transaction)
    first, other, second = messages(transaction)
    assert [each["Subject"] for each in (first, other, second)] == ["Tea: the first", "Coffee", "Tea: a cypher ☕"]
    assert first["From"] == "Älice Fern <alice@example.org>"
    assert first["Newsgroups"] == CHANGES
    assert first["Reply-To"] == f"{CHANGES}@example.org"
    assert (first["List-Id"], first["List-Post"]) == (f"<{CHANGES}.example.org>", f"<mailto:{CHANGES}@example.org>")
    assert (first["References"], other["References"]) == (None, None)
    assert second["References"] == first["Message-ID"]
    assert "Älice Fern has changed the page Tea, revision 2." in text_of(second)
    assert "https://yard.example/diff/Tea?from=1&to=2\n" in text_of(second)
    assert text_of(second).endswith("--- Tea (revision 1)\n+++ Tea (revision 2)\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n")
    assert "+one\n+two\n" in text_of(first)
    assert not is_waiting(transaction)


def test_what_makes_no_revision_is_a_message_too_and_a_save_that_changes_nothing_is_none(
    transaction: Transaction,
) -> None:
    alice = a_writer(transaction)
    saved(transaction, "Tea", "one\n", alice)
    saved(transaction, "Tea", "one\n", alice)
    attach(transaction, "Tea", "plan.png", "image/png", b"x", alice, MEMBERS)
    delete_page(transaction, "Tea", alice, MEMBERS)
    post_all(transaction)
    what = [text_of(each).partition("\n")[0].removeprefix("Älice Fern ") for each in messages(transaction)]
    assert what == [
        "has written the page Tea, revision 1.",
        "has attached a file to the page Tea, revision 1.",
        "has deleted the page Tea, revision 1.",
    ]


def test_a_stranger_is_shown_as_their_network_and_every_text_can_be_posted(transaction: Transaction) -> None:
    long_line = "ü" * 3_000
    saved(transaction, "Odd\u00e9/Name", f"\0 nul\r\n{long_line}\r lone\n", comment="x" * 500)
    post_all(transaction)
    (message,) = messages(transaction)
    assert message["From"] == f'"192.0.2.7" <{CHANGES}@example.org>'
    assert f"+{long_line} lone\n" in text_of(message)
    assert len(message["Subject"]) <= 255


def test_a_text_that_is_too_large_is_not_compared(transaction: Transaction) -> None:
    saved(transaction, "Large", "x" * (MOST_COMPARED_OCTETS + 1))
    post_all(transaction)
    assert "too large for the difference" in text_of(messages(transaction)[0])


def test_many_changes_are_posted_in_their_order_in_several_steps(transaction: Transaction) -> None:
    for number in range(MOST_CHANGES + 3):
        saved(transaction, "Tea", f"{number}\n")
    assert post_changes(transaction, NAMES, MEMBERS, NOW) == MOST_CHANGES
    assert post_changes(transaction, NAMES, MEMBERS, NOW) == 3
    revisions = [text_of(each).partition("\n")[0].rpartition(" ")[2] for each in messages(transaction)]
    assert revisions == [f"{number}." for number in range(1, MOST_CHANGES + 4)]


def test_the_room_is_read_by_who_reads_the_wiki(transaction: Transaction) -> None:
    saved(transaction, "Tea", "one\n")
    post_all(transaction)
    assert find_room(transaction, CHANGES).reading is Readers.EVERYONE
    saved(transaction, "Tea", "two\n")
    post_all(transaction, WikiPolicy(reading="members"))
    assert find_room(transaction, CHANGES).reading is Readers.MEMBERS


def comment(tx: Transaction) -> None:
    while not note_comments(tx):
        pass


@asynccontextmanager
async def posting_of(database: Database, bus: Bus) -> AsyncIterator[Posting]:
    directory = Directory(database, bus)
    posting = Posting(database, running_reactor(), directory, ServerNames(HOSTNAME, "example.org"), lambda: NOW)
    try:
        yield posting
    finally:
        await posting.close()
        directory.close()


async def test_a_reply_is_a_comment_and_nothing_else_is_taken(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> tuple[Reader, str, int]:
        saved(tx, "Tea", "one\n")
        saved(tx, "Coffee", "black\n")
        post_all(tx)
        reader = find_reader(tx, a_member(tx, "bob"))
        return reader, messages(tx)[0]["Message-ID"], read_page(tx, "Tea").id

    reader, root, tea = await database.transact(make)
    here = Origin("nntp", "127.0.0.1")

    def reply(**fields: str) -> bytes:
        return an_article("Re: Tea", Newsgroups=CHANGES, **fields)

    async with posting_of(database, bus) as posting:
        await posting.post(reply(References=root), reader, here)
        await posting.post(reply(In_Reply_To=root), reader, here)
        for fields in ({}, {"References": "<elsewhere@x.test>"}):
            with pytest.raises(MayNotPost, match="takes replies only: answer one of its messages"):
                await posting.post(reply(**fields), reader, here)
        with pytest.raises(MayNotPost, match="only members post"):
            await posting.post(reply(References=root), STRANGER, here)
    before = await database.read(read_page, "Coffee")
    await database.transact(comment)
    assert [line.uid for line in await database.read(list_comments, tea)] == [3, 4]
    assert (await database.read(read_page, "Tea")).comments_state != 0
    assert await database.read(read_page, "Coffee") == before
    assert await database.read(newest_message, tea) == 4


async def test_a_comment_that_is_cancelled_or_comes_back_is_told(database: Database, bus: Bus) -> None:
    def make(tx: Transaction) -> tuple[Account, str, int]:
        saved(tx, "Tea", "one\n")
        post_all(tx)
        return a_member(tx, "bob"), messages(tx)[0]["Message-ID"], find_room(tx, CHANGES).folder_id

    bob, root, folder_id = await database.transact(make)
    async with posting_of(database, bus) as posting:
        octets = an_article("Re: Tea", Newsgroups=CHANGES, References=root)
        identifier = (await posting.post(octets, Reader(bob), Origin("nntp", "127.0.0.1"))).identifier

    async def state() -> int:
        await database.transact(comment)
        return (await database.read(read_page, "Tea")).comments_state

    with_it = await state()
    await database.transact(cancel_numbers, [(folder_id, 2)], None)
    assert await state() == 0
    await database.transact(undo_everywhere, identifier)
    assert await state() == with_it != 0


@pytest.mark.parametrize("behind", range(1, 6))
def test_a_comment_that_comes_while_comments_are_noted_is_noted_too(
    transaction: Transaction, database_url: str, behind: int
) -> None:
    saved(transaction, "Tea", "one\n")
    post_all(transaction)
    root = messages(transaction)[0]["Message-ID"]
    room = find_room(transaction, CHANGES)
    transaction.commit()
    store = BlockingDatabase(database_url, "tests")
    came: list[int] = []

    def comes() -> None:
        octets = an_article("Re: Tea", Newsgroups=CHANGES, References=root)
        came.extend(uids(store.transact(lambda tx: posted(tx, a_post(room, octets=octets)))[0]))

    with overtaken_transaction(database_url, behind, comes) as tx:
        comment(tx)
    assert came
    comment(transaction)
    assert [line.uid for line in list_comments(transaction, read_page(transaction, "Tea").id)] == came
    assert read_page(transaction, "Tea").comments_state != 0


def test_noting_comments_announces_the_page_once(transaction: Transaction) -> None:
    saved(transaction, "Tea", "one\n")
    post_all(transaction)
    comment(transaction)
    transaction.commit()
    comment(transaction)
    assert not [event for event in transaction.events if isinstance(event, PageChanged)]


async def test_the_poster_posts_soon_and_a_setting_ends_it(database: Database, bus: Bus) -> None:
    directory = Directory(database, bus)

    async def poster(*, is_wanted: bool) -> ChangesPoster:
        return ChangesPoster(
            database, bus, directory, NAMES, MEMBERS, running_reactor(), lambda: NOW, is_wanted=is_wanted
        )

    one, other = await poster(is_wanted=True), await poster(is_wanted=True)
    for number in range(5):
        await database.transact(saved, f"Page {number}", "one\n")
        while await database.read(is_waiting):
            await deferLater(running_reactor(), 0.02)
    await one.close()
    await other.close()
    assert len(await database.read(messages)) == 5
    await database.transact(saved, "Off", "one\n")
    off = await poster(is_wanted=False)
    while await database.read(is_waiting):
        await deferLater(running_reactor(), 0.02)
    await off.close()
    directory.close()
    assert len(await database.read(messages)) == 5


def test_a_save_that_is_refused_leaves_nothing_to_be_posted(transaction: Transaction) -> None:
    saved(transaction, "Tea", "one\n")
    post_all(transaction)
    transaction.execute("DELETE FROM page_news")
    with pytest.raises(Exception, match="members"):
        saved(transaction, "Tea", "two\n", policy=MEMBERS)
    assert not is_waiting(transaction)


def test_the_messages_say_that_a_program_wrote_them_so_that_none_answers(transaction: Transaction) -> None:
    saved(transaction, "Tea", "one\n")
    post_all(transaction)
    (message,) = messages(transaction)
    assert is_automatic(HeaderFields(message.as_bytes()))


def test_there_is_no_room_before_the_first_change(transaction: Transaction) -> None:
    assert post_changes(transaction, NAMES, MEMBERS, NOW) == 0
    with pytest.raises(RoomNotFound):
        find_room(transaction, CHANGES)


def test_a_search_of_rooms_finds_comments_and_no_messages_about_changes(transaction: Transaction) -> None:
    saved(transaction, "Tea", "marmalade\n")
    post_all(transaction)
    room = find_room(transaction, CHANGES)
    posted(transaction, a_post(room, octets=an_article("marmalade, too")))
    while not index_articles(transaction, room.folder_id):
        pass
    assert [hit.line.uid for hit in search_articles(transaction, "marmalade", [room.folder_id])] == [2]
