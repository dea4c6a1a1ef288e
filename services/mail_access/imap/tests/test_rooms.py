"""Several sessions in a room: what each is told, and by whom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from random import Random
from typing import cast

import pytest
from twisted.internet.defer import Deferred, gatherResults

from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.imap.shared_changes import SharedChanges
from services.mail_access.imap.tests.conftest import DOMAIN, VERIFIERS, House
from services.mail_access.imap.tests.wire_client import Client, ServerFault, as_int, facts_of
from services.mail_access.imap.values.flags import SYSTEM_FLAGS
from shared.accounts.account import Role
from shared.feeds.add_feed import add_feed
from shared.feeds.overdue import WAIT
from shared.folders.changes import Changes
from shared.folders.errors import FolderNotFound
from shared.folders.flags import SEEN
from shared.rooms.change_room import change_room
from shared.rooms.delete_room import delete_room
from shared.rooms.marks.position import is_after, parts, position
from shared.rooms.marks.view import open_room
from shared.rooms.room import Readers
from shared.rooms.tests.build import an_open_room
from shared.testing.builders import a_member
from shared.testing.reactor import wait_for
from shared.testing.undisturbed import undisturbed

ROOM = "local.knitting"
numbers = count(1)
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


@undisturbed
def test_a_room_whose_feed_is_overdue_opens_after_a_moment(house: House, imap_port: int) -> None:
    """Nobody asks feeds here, as if the server of this one hung."""
    name = f"rss.beans{next(numbers)}"
    room = an_open_room(house.transaction, name, fed=True)
    add_feed(house.transaction, room, f"https://feed.example/{name}")
    house.commit_and_tell()
    client = Client(imap_port)
    client.do(b'LOGIN bob "correct horse"')
    seconds = []
    for _ in range(4):
        begun = time.monotonic()
        client.do(f"SELECT Rooms/{name}".encode())
        seconds.append(time.monotonic() - begun)
    client.close()
    assert WAIT.total_seconds() <= seconds[0] < WAIT.total_seconds() + 5
    assert min(seconds[1:]) < WAIT.total_seconds()


def test_a_post_is_read_once_for_all_accounts_that_listen(house: House, enter: Enter) -> None:
    """And a mark that came with it is read for its account alone."""
    for name in ("alice", "bob"):
        house.mark(name, ROOM, 1)
    alice, bob = house.room_mailbox("alice", ROOM), house.room_mailbox("bob", ROOM)
    known = house.position("alice", ROOM)
    assert known == house.position("bob", ROOM)
    house.post(ROOM)
    house.mark("bob", ROOM, 4)
    later = position(parts(known)[0] + 1, 0)

    async def read(*asked: tuple[RoomMailbox, int]) -> list[Changes]:
        shared = SharedChanges(house.database)
        news = [mailbox.news(shared, known, heard, 4) for mailbox, heard in asked]
        return cast("list[Changes]", await gatherResults([Deferred.fromCoroutine(each) for each in news]))

    for_alice, for_bob = wait_for(lambda: read((alice, later), (bob, later)))
    assert for_alice.uids is for_bob.uids
    assert (list(for_bob.uids), list(for_bob.flags)) == ([4], [0])
    assert not is_after(for_bob.folder.highest_modseq, position(parts(known)[0] + 1, parts(known)[1]))
    for_alice, for_bob = wait_for(lambda: read((alice, later), (bob, position(0, parts(known)[1] + 1))))
    assert (list(for_bob.uids), list(for_bob.flags)) == ([4], [SEEN])
    assert list(for_alice.flags) == [0]


def test_random_marks_posts_and_cancels_leave_no_session_behind(house: House, enter: Enter) -> None:
    """Sessions of three accounts, one of them a moderator's; in the end each asks from positions of before, too."""
    dice = Random(7)
    sessions = [("bob", enter("bob")), ("bob", enter("bob")), ("alice", enter("alice")), ("full", enter("full"))]
    names = {"bob", "alice", "full"}
    told: dict[str, list[tuple[int, dict[int, frozenset[bytes]]]]] = {name: [] for name in names}
    for _ in range(120):
        account, client = dice.choice(sessions)
        match dice.randrange(5):
            case 0:
                house.post(ROOM, dice.randint(1, 2))
            case 1 if len(client.messages) > 2 and account == "alice":
                client.do(b"STORE %d +FLAGS (\\Deleted)" % dice.randint(1, len(client.messages)))
                client.do(b"EXPUNGE")
            case _ if client.messages:
                first = dice.randint(1, len(client.messages))
                flags = dice.choice([b"\\Seen", b"\\Flagged", b"\\Seen \\Answered"])
                last = min(first + dice.randint(0, 3), len(client.messages))
                client.do(b"STORE %d:%d %bFLAGS (%b)" % (first, last, dice.choice([b"+", b"-", b""]), flags))
        if dice.random() < 0.3:
            told[account].append((house.position(account, ROOM), shown(house, account)))
    for account, client in sessions:
        client.do(b"NOOP")
        client.do(b"UID FETCH 1:* (UID FLAGS)" if None in [known.uid for known in client.messages] else b"NOOP")
        assert {known.uid: known.flags for known in client.messages} == shown(house, account)
    for account, client in sessions:
        for known, before in told[account]:
            result = client.do(b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)" % known)
            fetched = [facts_of(line) for line in result.untagged if b" FETCH " in line]
            news = {as_int(facts[b"UID"]) for facts in fetched}
            now = shown(house, account)
            assert {uid for uid in now if before.get(uid) != now[uid]} <= news


def shown(house: House, account: str) -> dict[int, frozenset[bytes]]:
    """What the account must see in the room."""
    snapshot = open_room(house.transaction, house.accounts[account], house.rooms[ROOM].folder_id)
    house.transaction.commit()
    masks = zip(snapshot.uids, snapshot.flags, strict=True)
    return {uid: frozenset(name for name, bit in SYSTEM_FLAGS.items() if mask & bit) for uid, mask in masks}
