"""Many connections at once: numbers stay unique, nobody waits for each other in a circle, followers see everything."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random
from threading import Event

from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import NO_TRANSACTION, READ_WRITE, Transaction
from shared.folders.append import Append, Appended, AppendTarget, Place, append_entries
from shared.folders.changes import changes_since
from shared.folders.copy_entries import copy_entries
from shared.folders.expunge import expunge
from shared.folders.flags import DELETED, SEEN
from shared.folders.move_entries import move_entries
from shared.folders.open_folder import open_folder
from shared.folders.purge import delete_unreferred
from shared.folders.store_flags import store_flags
from shared.folders.tests.build import a_folder, a_message

FOLDERS = 5
WRITERS = 6
ROUNDS = 40

Given = list[tuple[int, int]]  # folder and UID, as they were given out


class Writer:
    """Does what sessions do, at random, without anything being repeated."""

    def __init__(self, tx: Transaction, folders: list[int], seed: int) -> None:
        self.tx, self.folders, self.random = tx, folders, Random(seed)
        self.given: Given = []

    def work(self) -> Given:
        steps: list[Callable[[], None]] = [self.append, self.append, self.move, self.copy, self.store, self.expunge]
        for _ in range(ROUNDS):
            self.random.choice(steps)()
            self.tx.commit()
        return self.given

    def append(self) -> None:
        targets = [AppendTarget(each) for each in self.random.sample(self.folders, self.random.randint(1, FOLDERS))]
        count = self.random.choice([1, 1, 6])  # by statements, and by COPY
        for result in append_entries(self.tx, [Append(a_message(), targets)] * count):
            assert isinstance(result, Appended)
            self.given += [(place.folder_id, place.uid) for place in result.places if isinstance(place, Place)]

    def move(self) -> None:
        source, target = self.random.sample(self.folders, 2)
        moved = move_entries(self.tx, source, target, range(1, 400, self.random.randint(1, 50)))
        self.given += [(target, uid) for uid in moved.new_uids]

    def copy(self) -> None:
        source, target = self.random.sample(self.folders, 2)
        copied = copy_entries(self.tx, source, target, range(1, 400, self.random.randint(20, 60)))
        self.given += [(target, uid) for uid in copied.new_uids]

    def store(self) -> None:
        flags = self.random.choice([SEEN, DELETED, 0])
        uids = range(1, 400, self.random.randint(1, 20))
        keywords = [self.random.choice("abcdef")]
        store_flags(self.tx, self.random.choice(self.folders), uids, "replace", flags, keywords)

    def expunge(self) -> None:
        expunge(self.tx, self.random.choice(self.folders))


def follow(tx: Transaction, folder_id: int, done: Event) -> tuple[dict[int, int], list[int]]:
    """What one who only asks for changes knows in the end, and every UID that it was told has vanished."""
    known: dict[int, int] = {}
    vanished: list[int] = []
    position = 0
    last = False
    while not last:
        last = done.is_set()
        changes = changes_since(tx, folder_id, position)
        assert changes.folder.highest_modseq >= position
        assert all(position < modseq <= changes.folder.highest_modseq for modseq in changes.modseqs)
        for uid in changes.vanished:
            known.pop(uid, None)
            vanished.append(uid)
        known.update(zip(changes.uids, changes.flags, strict=True))
        assert len(known) == changes.folder.messages
        assert sum(not flags & SEEN for flags in known.values()) == changes.folder.unseen
        position = changes.folder.highest_modseq
    return known, vanished


def test_writers_and_followers_at_once(database_url: str, transaction: Transaction) -> None:
    folders = [a_folder(transaction) for _ in range(FOLDERS)]
    transaction.commit()
    done = Event()

    def write(seed: int) -> Given:
        with closing(open_connection(database_url, StoreLimits(), "writer")) as connection:
            return Writer(Transaction(connection, READ_WRITE), folders, seed).work()

    def watch(folder_id: int) -> tuple[dict[int, int], list[int]]:
        with closing(open_connection(database_url, StoreLimits(), "follower")) as connection:
            return follow(Transaction(connection, NO_TRANSACTION), folder_id, done)

    def clear_up() -> None:
        with closing(open_connection(database_url, StoreLimits(), "purge")) as connection:
            tx = Transaction(connection, READ_WRITE)
            while not done.is_set():
                delete_unreferred(tx, 0)
                tx.commit()

    with ThreadPoolExecutor(WRITERS + FOLDERS + 1) as pool:
        following = [pool.submit(watch, folder_id) for folder_id in folders]
        purging = pool.submit(clear_up)
        try:
            given = [pair for numbers in pool.map(write, range(WRITERS)) for pair in numbers]
        finally:
            done.set()
        followed = [future.result() for future in following]
        purging.result()

    assert len(given) == len(set(given))
    for folder_id, (known, vanished) in zip(folders, followed, strict=True):
        snapshot = open_folder(transaction, folder_id)
        assert dict(zip(snapshot.uids, snapshot.flags, strict=True)) == known
        assert len(vanished) == len(set(vanished))
        numbers = sorted({uid for folder, uid in given if folder == folder_id})
        assert numbers == list(range(1, snapshot.folder.uidnext))
    orphans = "SELECT count(*) FROM entry LEFT JOIN message ON message.id = message_id WHERE message.id IS NULL"
    assert transaction.value(orphans) == 0
