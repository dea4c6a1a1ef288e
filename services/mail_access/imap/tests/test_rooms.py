"""Several sessions in a room: what each is told, and by whom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from services.mail_access.imap.tests.conftest import DOMAIN, VERIFIERS, House
from services.mail_access.imap.tests.wire_client import Client, ServerFault
from shared.accounts.account import Role
from shared.feeds.add_feed import add_feed
from shared.feeds.overdue import WAIT
from shared.folders.errors import FolderNotFound
from shared.rooms.change_room import change_room
from shared.rooms.delete_room import delete_room
from shared.rooms.room import Readers
from shared.rooms.tests.build import an_open_room
from shared.testing.builders import a_member

ROOM = "local.knitting"
Enter = Callable[..., Client]


@pytest.fixture
def enter(house: House, imap_port: int) -> Iterator[Enter]:
    """Opens a session of an account in the room, which has three articles."""
    house.make_rooms()
    house.post(ROOM, 3)
    with ExitStack() as stack:

        def open_one(account: str, command: bytes = b"SELECT") -> Client:
            client = Client(imap_port)
            stack.callback(client.close)
            client.do(b'LOGIN %b "correct horse"' % account.encode())
            if command:
                client.do(command + b" Rooms/" + ROOM.encode())
                client.do(b"FETCH 1:* (UID FLAGS)")
            return client

        yield open_one


def flags(client: Client) -> list[set[bytes]]:
    client.do(b"NOOP")
    return [set(known.flags or ()) for known in client.messages]


def test_marks_are_told_to_the_accounts_other_session_and_to_nobody_else(enter: Enter) -> None:
    here, there, other = enter("bob"), enter("bob"), enter("alice")
    here.do(b"STORE 2 +FLAGS.SILENT (\\Seen)")
    there.idle(b"2 FETCH")
    assert flags(there) == [set(), {b"\\Seen"}, set()]
    assert flags(other) == [set(), set(), set()]
    there.do(b"UID STORE 1:3 FLAGS.SILENT (\\Flagged)")
    assert flags(here) == [{b"\\Flagged"}] * 3


def test_reading_marks_as_seen_without_a_recent_message(enter: Enter) -> None:
    here, there = enter("bob"), enter("bob")
    here.do(b"FETCH 3 BODY[TEXT]")
    assert flags(there) == [set(), set(), {b"\\Seen"}]
    assert enter("alice").do(b"SEARCH RECENT").untagged == [b"SEARCH"]


def test_posts_wake_all_who_listen(house: House, enter: Enter) -> None:
    sessions = [enter("bob"), enter("bob"), enter("alice"), enter("full")]
    house.post(ROOM, 2)
    for session in sessions:
        session.idle(b"EXISTS")
        assert len(session.messages) == 5
        session.do(b"FETCH 1:* (UID FLAGS)")
        assert [known.uid for known in session.messages] == [1, 2, 3, 4, 5]


def test_posts_and_marks_at_once_are_all_told(house: House, enter: Enter) -> None:
    """The two parts of a position are news of their own: one must not hide the other."""
    here, there = enter("bob"), enter("bob")
    for uid in (1, 2, 3, 4, 5):
        house.post(ROOM)
        here.do(b"UID STORE %d +FLAGS.SILENT (\\Flagged)" % uid)
        there.idle(b"%d FETCH" % uid)
    for session in (here, there):
        session.do(b"FETCH 1:* (UID FLAGS)")
    expected = [{b"\\Flagged"}] * 5 + [set()] * 3
    assert flags(here) == flags(there) == expected


def test_a_room_for_members_is_not_there_for_guests(house: House, enter: Enter) -> None:
    account = a_member(house.transaction, "guest", Role.GUEST, verifiers=VERIFIERS, domain=DOMAIN)
    house.transaction.commit()
    guest = enter(account.name, b"")
    names = [line.rpartition(b" ")[2] for line in guest.do(b'LIST "" "Rooms/*"').untagged]
    assert names == [b'"Rooms/local.closed"', b'"Rooms/local.knitting"']
    for command in (b"SELECT %b", b"STATUS %b (MESSAGES)", b"APPEND %b {1+}\r\nx"):
        (missing,) = guest.run(command % b"Rooms/no.such.room")
        (hidden,) = guest.run(command % b"Rooms/local.moderated")
        assert hidden == missing
        assert hidden.condition == b"NO"


def test_who_may_not_read_a_room_any_more_is_sent_away(house: House, enter: Enter) -> None:
    account = a_member(house.transaction, "guest", Role.GUEST, verifiers=VERIFIERS, domain=DOMAIN)
    house.transaction.commit()
    guest = enter(account.name)
    change_room(house.transaction, house.rooms[ROOM], {"reading": Readers.MEMBERS})
    house.commit_and_tell()
    with pytest.raises(ServerFault, match="BYE"):
        guest.idle(b"EXISTS")


def test_a_deleted_room_sends_its_readers_away(house: House, enter: Enter) -> None:
    reader = enter("bob")
    delete_room(house.transaction, house.rooms[ROOM])
    house.commit_and_tell()
    with pytest.raises(ServerFault, match="BYE the selected mailbox has been deleted"):
        reader.idle(b"EXISTS")


def test_a_mailbox_is_never_taken_for_a_room(house: House, enter: Enter) -> None:
    """Names are compared as a whole, and in their case."""
    client = enter("bob", b"")
    for name in (b"rooms/local.knitting", b"Rooms/Local.knitting", b"Rooms//local.knitting", b"Rooms/local.knitting/"):
        (result,) = client.run(b"SELECT " + name)
        assert (result.condition, result.code) == (b"NO", b"NONEXISTENT") or result.code == b"CANNOT"
    with pytest.raises(FolderNotFound):
        house.delete("bob", "rooms/local.knitting")


def test_a_room_whose_feed_is_overdue_opens_after_a_moment(house: House, imap_port: int) -> None:
    """Nobody asks feeds here, as if the server of this one hung."""
    room = an_open_room(house.transaction, "rss.beans", fed=True)
    add_feed(house.transaction, room, "https://feed.example/")
    house.commit_and_tell()
    client = Client(imap_port)
    client.do(b'LOGIN bob "correct horse"')
    begun = time.monotonic()
    client.do(b"SELECT Rooms/rss.beans")
    first = time.monotonic() - begun
    client.do(b"SELECT Rooms/rss.beans")
    second = time.monotonic() - begun - first
    client.close()
    assert WAIT.total_seconds() <= first < WAIT.total_seconds() + 5
    assert second < WAIT.total_seconds()
