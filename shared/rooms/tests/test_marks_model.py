"""Marks, posts and removals at random: a reader that asks from any position it was ever told misses nothing."""

from __future__ import annotations

from array import array
from random import Random

import pytest

from shared.database.transaction import Transaction
from shared.folders.expunge import expunge
from shared.folders.tests.build import put
from shared.rooms.marks.mark import MARKS_MASK
from shared.rooms.marks.mark_changes import EXACT_ROWS
from shared.rooms.marks.marks_of import marks_of
from shared.rooms.marks.position import is_after
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.marks.view import changes_in_room, folder_as_seen, modseqs_in_room, open_room
from shared.rooms.tests.build import a_reader, an_open_room
from shared.rooms.tests.marks_model import ModelRoom

STEPS = 220  # enough that the logs of both accounts are merged several times


class Replica:
    """A session that follows the room by changes_in_room alone, and looks only now and then."""

    def __init__(self) -> None:
        self.position = 0
        self.shown: dict[int, int] = {}

    def look(self, tx: Transaction, account_id: int, room_id: int) -> None:
        changes = changes_in_room(tx, account_id, room_id, self.position)
        for uid in changes.vanished:
            self.shown.pop(uid, None)
        self.shown.update(zip(changes.uids, changes.flags, strict=True))
        self.position = changes.folder.highest_modseq


class Walk:
    """One random walk: the store and the model do the same."""

    def __init__(self, tx: Transaction, random: Random) -> None:
        self.tx, self.random = tx, random
        self.room_id = an_open_room(tx).folder_id
        accounts = [a_reader(tx).account_id for _ in range(2)]
        self.accounts = [account for account in accounts if account is not None]
        self.model = ModelRoom(self.accounts)
        self.replicas = {account: [Replica() for _ in range(3)] for account in self.accounts}
        self.told: dict[int, list[tuple[int, int]]] = {account: [] for account in self.accounts}  # position, event

    def uids(self) -> list[int]:
        share = self.random.choice([0.05, 0.3, 0.9])
        return [uid for uid in range(1, self.model.uidnext + 2) if self.random.random() < share]

    def post(self) -> None:
        count = self.random.randint(1, 4)
        put(self.tx, self.room_id, count)
        self.model.post(count)

    def remove(self) -> None:
        uids = self.uids()[:2]
        expunge(self.tx, self.room_id, uids, deleted_only=False)
        self.model.remove(uids)

    def mark(self) -> None:
        account = self.random.choice(self.accounts)
        action = self.random.choice(["add", "add", "remove", "replace"])
        flags = self.random.randint(0, MARKS_MASK) & MARKS_MASK
        uids, failed = self.uids(), set[int]()
        limit = None
        if self.told[account] and self.random.random() < 0.3:
            limit, event = self.random.choice(self.told[account])
            missed = {uid for uid in uids if uid in self.model.changed_since(account, event)}
        stored = set_marks(self.tx, account, self.room_id, uids, action, flags, limit)  # type: ignore[arg-type]
        if limit is not None:
            failed = set(stored.failed)
            assert missed <= failed
        done = self.model.mark(account, set(uids) - failed, action, flags)
        assert set(stored.uids) == done
        assert dict(zip(stored.uids, stored.flags, strict=True)) == {
            uid: self.model.flags[account][uid] for uid in sorted(done)
        }
        assert is_after(stored.modseq, stored.previous_modseq) == bool(done)

    def compare(self) -> None:
        for account in self.accounts:
            shown = self.model.shown(account)
            snapshot = open_room(self.tx, account, self.room_id, sizes=True)
            assert dict(zip(snapshot.uids, snapshot.flags, strict=True)) == shown
            assert snapshot.folder.unseen == self.model.unseen(account)
            assert folder_as_seen(self.tx, account, self.room_id) == snapshot.folder
            flags = marks_of(self.tx, account, self.room_id).flags_of(array("I", shown))
            assert list(flags) == list(shown.values())
            self.told[account].append((snapshot.folder.highest_modseq, self.model.events))
            for replica in self.replicas[account]:
                if self.random.random() < 0.2:
                    replica.look(self.tx, account, self.room_id)
                    assert replica.shown == shown
                    assert replica.position == snapshot.folder.highest_modseq
            self.ask(account, shown, self.random.choice(self.told[account]))

    def ask(self, account: int, shown: dict[int, int], told: tuple[int, int]) -> None:
        """Everything since one of the positions that were told."""
        known, event = told
        changes = changes_in_room(self.tx, account, self.room_id, known)
        missed = self.model.changed_since(account, event) - set(changes.uids)
        assert not missed
        assert set(changes.vanished) == self.model.gone_since(event)
        assert [shown[uid] for uid in changes.uids] == list(changes.flags)
        modseqs = modseqs_in_room(self.tx, account, self.room_id, 1, self.model.uidnext)
        assert list(modseqs.uids) == list(shown)
        since = {uid for uid, at in zip(modseqs.uids, modseqs.modseqs, strict=True) if is_after(at, known)}
        assert since == set(changes.uids)
        assert list(changes.modseqs) == list(modseqs.of(changes.uids, absent=-1))
        assert not any(is_after(at, changes.folder.highest_modseq) for at in modseqs.modseqs)
        if event >= self.model.events - 3:  # the log still says exactly what changed
            assert set(changes.uids) == self.model.changed_since(account, event)

    def step(self) -> None:
        self.random.choice([self.post, self.mark, self.mark, self.mark, self.mark, self.remove])()
        self.tx.commit()
        self.compare()


@pytest.mark.parametrize("seed", range(3))
def test_nobody_misses_a_mark(transaction: Transaction, seed: int) -> None:
    walk = Walk(transaction, Random(seed))
    for _ in range(STEPS):
        walk.step()
    for account in walk.accounts:
        shown = walk.model.shown(account)
        for told in walk.told[account]:
            walk.ask(account, shown, told)
        rows = transaction.value("SELECT count(*) FROM mark_change WHERE account_id = %s", (account,))
        assert rows <= 2 * EXACT_ROWS  # the older ones are merged
