"""Marks: which locks they wait for, which they take, what they cost, and where they end."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.errors import AccountNotFound
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound
from shared.folders.flags import ANSWERED, DELETED, FLAGGED, SEEN
from shared.folders.lock import lock_folder
from shared.folders.tests.build import put
from shared.rooms.channel import MARKS, MarksChanged, marks_key
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import RoomNotFound
from shared.rooms.marks.mark import Marks, multirange_of
from shared.rooms.marks.marks_of import marks_of
from shared.rooms.marks.position import is_after, joined, parts, position
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.marks.view import changes_in_room, folders_as_seen, open_room
from shared.rooms.tests.build import a_reader, an_open_room

GAPS = 200  # of somebody who reads what interests him, and marks the rest as read now and then


@pytest.fixture
def other(database_url: str) -> Iterator[Transaction]:
    """Another session's transaction."""
    connection = open_connection(database_url, StoreLimits(), "test")
    try:
        yield Transaction(connection)
    finally:
        connection.close()


def an_account_id(tx: Transaction) -> int:
    account_id = a_reader(tx).account_id
    assert account_id is not None
    return account_id


def many_entries(tx: Transaction, folder_id: int, count: int) -> None:
    """So many articles, without their octets: numbers are all that marks are about."""
    tx.execute(
        "INSERT INTO entry (folder_id, message_id, modseq, uid, size_octets)"
        " SELECT %s, number, 2, number, 1000 FROM generate_series(1, %s) AS number",
        (folder_id, count),
    )
    tx.execute(
        "UPDATE folder SET uidnext = %s, messages = %s, highest_modseq = 2 WHERE id = %s", (count + 1, count, folder_id)
    )
    tx.commit()


def with_gaps(random: Random, count: int, gaps: int) -> str:
    """A multirange of nearly all numbers up to `count`."""
    missing = {random.randrange(1, count) for _ in range(gaps)}
    return multirange_of(sorted(set(range(1, count + 1)) - missing))


def test_marking_waits_for_nobody_who_holds_the_folder(transaction: Transaction, other: Transaction) -> None:
    """A post under way has the folder's row locked; readers mark meanwhile, for the first time and again."""
    room_id, account_id = an_open_room(transaction).folder_id, an_account_id(transaction)
    put(transaction, room_id, 3)
    transaction.commit()
    lock_folder(transaction, room_id)
    other.execute("SET lock_timeout = '1s'")
    for _ in range(2):
        set_marks(other, account_id, room_id, [1], "add", SEEN)
        set_marks(other, account_id, room_id, [1], "remove", SEEN)
        other.commit()
    put(transaction, room_id, 1)  # and who posts waits for no reader
    set_marks(other, account_id, room_id, [2], "add", SEEN)
    transaction.commit()
    other.commit()


def test_mark_made_beside_a_post_is_missed_from_no_position(transaction: Transaction, other: Transaction) -> None:
    """The mark reads where the folder is before the post is committed, and is committed after it."""
    room_id, account_id = an_open_room(transaction).folder_id, an_account_id(transaction)
    put(transaction, room_id, 3)
    transaction.commit()
    stored = set_marks(other, account_id, room_id, [2], "add", SEEN)
    put(transaction, room_id, 1)
    transaction.commit()
    known = open_room(transaction, account_id, room_id).folder.highest_modseq
    assert known > stored.modseq  # as numbers they tell nothing
    other.commit()
    transaction.commit()
    assert is_after(stored.modseq, known)
    changes = changes_in_room(transaction, account_id, room_id, known)
    assert (list(changes.uids), list(changes.flags)) == ([2], [SEEN])


def test_marks_are_the_accounts_own(transaction: Transaction) -> None:
    room_id = an_open_room(transaction).folder_id
    one, two = an_account_id(transaction), an_account_id(transaction)
    put(transaction, room_id, 4)
    transaction.commit()
    before = open_room(transaction, two, room_id)
    set_marks(transaction, one, room_id, [1, 2, 4], "add", SEEN)
    set_marks(transaction, one, room_id, [4], "add", FLAGGED | ANSWERED)
    assert transaction.events == [MarksChanged(one, room_id, 1), MarksChanged(one, room_id, 2)]
    transaction.commit()
    assert list(open_room(transaction, one, room_id).flags) == [SEEN, SEEN, 0, SEEN | FLAGGED | ANSWERED]
    assert open_room(transaction, two, room_id) == before
    assert {account: folders_as_seen(transaction, account, [room_id])[room_id].unseen for account in (one, two)} == {
        one: 1,
        two: 4,
    }


def test_what_changes_nothing_is_no_news(transaction: Transaction) -> None:
    room_id, account_id = an_open_room(transaction).folder_id, an_account_id(transaction)
    put(transaction, room_id, 2)
    set_marks(transaction, account_id, room_id, [1], "add", SEEN)
    transaction.commit()
    stored = set_marks(transaction, account_id, room_id, [1, 17], "add", SEEN)
    assert (stored.modseq, list(stored.uids), transaction.events) == (stored.previous_modseq, [], [])


def test_no_number_is_marked_before_it_is_given(transaction: Transaction) -> None:
    room_id, account_id = an_open_room(transaction).folder_id, an_account_id(transaction)
    put(transaction, room_id, 2)
    assert list(set_marks(transaction, account_id, room_id, [2, 3], "add", SEEN).uids) == [2]
    put(transaction, room_id, 1)
    assert list(open_room(transaction, account_id, room_id).flags) == [0, SEEN, 0]


def test_marks_go_with_their_account_and_with_their_room(transaction: Transaction) -> None:
    room, account_id = an_open_room(transaction), an_account_id(transaction)
    put(transaction, room.folder_id, 2)
    set_marks(transaction, account_id, room.folder_id, [1], "add", SEEN)
    transaction.execute("DELETE FROM account WHERE id = %s", (account_id,))
    left = "SELECT (SELECT count(*) FROM mark) + (SELECT count(*) FROM mark_change)"
    assert transaction.value(left) == 0
    transaction.commit()
    with pytest.raises(AccountNotFound):
        set_marks(transaction, account_id, room.folder_id, [1], "add", SEEN)
    transaction.rollback()
    set_marks(transaction, account_id := an_account_id(transaction), room.folder_id, [1], "add", SEEN)
    delete_room(transaction, room)
    assert transaction.value(left) == 0
    with pytest.raises(RoomNotFound):
        set_marks(transaction, account_id, room.folder_id, [1], "add", SEEN)
    with pytest.raises(FolderNotFound):
        open_room(transaction, account_id, room.folder_id)
    with pytest.raises(FolderNotFound):
        changes_in_room(transaction, account_id, room.folder_id, 0)


def test_marks_of_a_thousand_readers_are_small(transaction: Transaction) -> None:
    """Each has read a room of a million with gaps, and has marked more often than the log is exact."""
    room_id, random = an_open_room(transaction).folder_id, Random(1)
    transaction.execute("UPDATE folder SET uidnext = 1000001 WHERE id = %s", (room_id,))
    transaction.execute(
        "INSERT INTO account (name, role) SELECT 'reader' || number, 'member' FROM generate_series(1, 1000) AS number"
    )
    accounts = [number for (number,) in transaction.rows("SELECT id FROM account WHERE name LIKE 'reader%'")]
    for account_id in accounts:
        edges = sorted(random.sample(range(1, 1_000_000), 2 * GAPS))
        seen = "{" + ",".join(f"[{a},{b})" for a, b in zip(edges[0::2], edges[1::2], strict=True)) + "}"
        few = multirange_of(sorted(random.sample(range(1, 1_000_000), 20)))
        transaction.execute(
            "INSERT INTO mark (account_id, folder_id, modseq, seen, flagged, answered) VALUES (%s, %s, 16, %s, %s, %s)",
            (account_id, room_id, seen, few, few),
        )
    transaction.execute(
        "INSERT INTO mark_change (account_id, folder_id, folder_modseq, modseq, uids)"
        " SELECT id, %s, 1000000, number, CASE number WHEN 1 THEN seen"
        " ELSE int4multirange(int4range(number, number + 1)) END"
        " FROM account JOIN mark ON account_id = id, generate_series(1, 16) AS number",
        (room_id,),
    )
    transaction.commit()
    size = transaction.value("SELECT pg_total_relation_size('mark') + pg_total_relation_size('mark_change')")
    print(f"{size / 1e6:.1f} MB, {len(accounts)} readers")
    assert size < 10_000_000


def test_marking_one_of_many_takes_no_time(transaction: Transaction) -> None:
    room_id, account_id, random = an_open_room(transaction).folder_id, an_account_id(transaction), Random(1)
    many_entries(transaction, room_id, 100_000)
    set_marks(transaction, account_id, room_id, [1], "add", SEEN)
    transaction.execute("UPDATE mark SET seen = %s", (with_gaps(random, 100_000, GAPS),))
    transaction.commit()
    seconds = []
    for uid in random.sample(range(1, 100_000), 50):
        began = time.perf_counter()
        set_marks(transaction, account_id, room_id, [uid], "add", FLAGGED)
        transaction.commit()
        seconds.append(time.perf_counter() - began)
    quick = sorted(seconds)[5]  # of fifty, on a machine that may do other things
    print(f"{1000 * quick:.2f} ms")
    assert quick < 0.005


def test_large_room_is_opened_with_marks_that_have_gaps(transaction: Transaction) -> None:
    room_id, account_id, random = an_open_room(transaction).folder_id, an_account_id(transaction), Random(1)
    many_entries(transaction, room_id, 200_000)
    set_marks(transaction, account_id, room_id, [1], "add", SEEN)
    transaction.execute("UPDATE mark SET seen = %s", (with_gaps(random, 200_000, GAPS),))
    transaction.commit()
    began = time.process_time()
    snapshot = open_room(transaction, account_id, room_id)
    print(f"{1000 * (time.process_time() - began):.1f} ms of this process")
    assert len(snapshot.uids) == 200_000
    assert 0 < snapshot.folder.unseen <= GAPS


ids = st.sets(st.integers(1, 60))


@given(ids, ids, ids, ids, st.sets(st.integers(1, 60)))
def test_flags_are_those_of_the_ranges(
    seen: set[int], flagged: set[int], answered: set[int], deleted: set[int], wanted: set[int]
) -> None:
    sets = {SEEN: seen, FLAGGED: flagged, ANSWERED: answered, DELETED: deleted}
    marks = Marks([_ranges(each) for each in sets.values()])
    uids = array("I", sorted(wanted))
    expected = [sum(bit for bit, members in sets.items() if uid in members) for uid in uids]
    assert list(marks.flags_of(uids)) == expected
    for uid in uids:  # one by one
        assert list(marks.flags_of(array("I", [uid]))) == [sum(bit for bit, each in sets.items() if uid in each)]


def _ranges(numbers: set[int]) -> array[int]:
    text = multirange_of(sorted(numbers))
    return array("I", [int(edge) for edge in text.translate(str.maketrans("[){},", "     ")).split()])


def test_marks_of_nobody_are_none(transaction: Transaction) -> None:
    assert list(marks_of(transaction, 999, 999).flags_of(array("I", [1, 2]))) == [0, 0]


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_positions_are_compared_part_by_part(folder: int, mark: int, other_folder: int, other_mark: int) -> None:
    one, two = position(folder, mark), position(other_folder, other_mark)
    assert parts(one) == (folder, mark)
    assert is_after(one, two) == (folder > other_folder or mark > other_mark)
    both = joined(one, two)
    assert not is_after(one, both)
    assert not is_after(two, both)
    assert both >= max(one, two)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 2**31)), min_size=1))
def test_of_an_accounts_marks_the_newest_modseq_arrives(marks: list[tuple[int, int, int]]) -> None:
    newest: dict[int, int] = {}
    for account_id, folder_id, modseq in marks:
        key = marks_key(account_id, folder_id)
        newest[key] = max(modseq, newest.get(key, 0))
    assert dict(MARKS.read(MARKS.write(MarksChanged(*each) for each in marks))) == newest


@given(st.binary())
def test_any_news_of_marks_can_be_read(message: bytes) -> None:
    list(MARKS.read(message))


def test_the_octets_are_those_of_other_releases() -> None:
    assert MARKS.write([MarksChanged(7, 12, 3), MarksChanged(8, 1, 1)]) == b"7 12 3,8 1 1"
    assert list(MARKS.read(b"1 2,3,x y z,4 5 6")) == [(marks_key(4, 5), 6)]


def test_an_accounts_own_folders_of_that_name_are_renamed(transaction: Transaction) -> None:
    """By the migration that brings the marks: the rooms would hide them."""
    account_id = an_account_id(transaction)
    for name in ("Rooms", "Rooms/Paris", "Roomsy"):
        transaction.execute("INSERT INTO folder (account_id, name) VALUES (%s, %s)", (account_id, name))
        transaction.execute("INSERT INTO subscription (account_id, name) VALUES (%s, %s)", (account_id, name))
    an_open_room(transaction)
    migration = (Path(__file__).parents[3] / "migrations" / "0013_marks.sql").read_text(encoding="utf-8")
    transaction.execute(migration[migration.index("UPDATE folder") :])
    own = "SELECT name FROM {} WHERE account_id = %s AND name LIKE 'Rooms%%' ORDER BY name"
    for table in ("folder", "subscription"):
        names = [name for (name,) in transaction.rows(own.format(table), (account_id,))]
        assert names == ["Rooms of my own", "Rooms of my own/Paris", "Roomsy"]
    assert transaction.value("SELECT count(*) FROM folder WHERE name = 'Rooms/local.knitting'") == 1
