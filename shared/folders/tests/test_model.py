"""Random operations on several folders, compared at every step with folders in plain Python."""

from __future__ import annotations

from random import Random

import pytest

from shared.database.transaction import Transaction
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.changes import changes_since
from shared.folders.copy_entries import copy_entries
from shared.folders.expunge import expunge
from shared.folders.flags import SYSTEM_FLAGS
from shared.folders.move_entries import move_entries
from shared.folders.open_folder import open_folder
from shared.folders.store_flags import store_flags
from shared.folders.tests.build import a_folder, a_message
from shared.folders.tests.model import SIZE, ModelFolder, names_of
from shared.testing.builders import folder_by_id

KEYWORDS = ["$Forwarded", "$Junk", "tea", "work", "later"]
MESSAGE = a_message(b"Subject: tea\r\n\r\n".ljust(SIZE, b"."))
STEPS = 250


class Replica:
    """Follows a folder by changes_since() alone, and looks only now and then."""

    def __init__(self) -> None:
        self.modseq = 0
        self.entries: dict[int, tuple[int, frozenset[str]]] = {}

    def look(self, tx: Transaction, folder_id: int) -> None:
        changes = changes_since(tx, folder_id, self.modseq)
        for uid in changes.vanished:
            self.entries.pop(uid, None)
        keywords = dict(changes.keywords or {})
        for uid, message_id, flags in zip(changes.uids, changes.message_ids, changes.flags, strict=True):
            self.entries[uid] = (message_id, names_of(flags, keywords))
        self.modseq = changes.folder.highest_modseq


class Walk:
    """One random walk: the store and the model do the same."""

    def __init__(self, tx: Transaction, random: Random) -> None:
        self.tx, self.random = tx, random
        self.models = {a_folder(tx): ModelFolder() for _ in range(3)}
        self.replicas = {folder_id: [Replica(), Replica()] for folder_id in self.models}

    def flags(self) -> tuple[int, list[str], frozenset[str]]:
        system = [name for name in SYSTEM_FLAGS if self.random.random() < 0.3]
        keywords = [name for name in KEYWORDS if self.random.random() < 0.2]
        return sum(SYSTEM_FLAGS[name] for name in system), keywords, frozenset(system + keywords)

    def folder(self) -> int:
        return self.random.choice(list(self.models))

    def uids(self, folder_id: int) -> list[int]:
        share = self.random.random()
        return [uid for uid in range(1, self.models[folder_id].uidnext + 2) if self.random.random() < share]

    def append(self) -> None:
        items, wanted = [], []
        for _ in range(self.random.randint(1, 7)):
            targets, flags = [], {}
            for folder_id in self.random.sample(list(self.models), self.random.randint(1, 2)):
                mask, keywords, names = self.flags()
                targets.append(AppendTarget(folder_id, mask, keywords))
                flags[folder_id] = names
            items.append(Append(MESSAGE, targets))
            wanted.append(flags)
        results = append_entries(self.tx, items)
        for folder_id, model in self.models.items():
            came = [
                (result.message_id, flags[folder_id])
                for result, flags in zip(results, wanted, strict=True)
                if isinstance(result, Appended) and folder_id in flags
            ]
            model.add(came)

    def store(self) -> None:
        folder_id, (mask, keywords, names) = self.folder(), self.flags()
        action = self.random.choice(["add", "remove", "replace"])
        model = self.models[folder_id]
        limit = self.random.choice([None, self.random.randint(0, model.highest_modseq + 1)])
        uids = self.uids(folder_id)
        stored = store_flags(self.tx, folder_id, uids, action, mask, keywords, limit)  # type: ignore[arg-type]
        changed, failed = model.store(uids, action, names, limit)
        assert (set(stored.uids), set(stored.failed)) == (changed, failed)
        assert stored.modseq == model.highest_modseq

    def copy(self) -> None:
        source, target = self.folder(), self.folder()
        uids = self.uids(source)
        copied = copy_entries(self.tx, source, target, uids)
        entries = self.models[source].entries
        chosen = sorted(set(uids) & entries.keys())
        new_uids = self.models[target].add([(entries[uid].message, entries[uid].flags) for uid in chosen])
        assert (list(copied.uids), list(copied.new_uids)) == (chosen, new_uids)

    def move(self) -> None:
        source, target = self.folder(), self.folder()
        uids = self.uids(source)
        moved = move_entries(self.tx, source, target, uids)
        entries = self.models[source].entries
        chosen = sorted(set(uids) & entries.keys())
        new_uids = self.models[target].add([(entries[uid].message, entries[uid].flags) for uid in chosen])
        self.models[source].remove(chosen)
        assert (list(moved.uids), list(moved.new_uids)) == (chosen, new_uids)
        assert moved.modseq == self.models[source].highest_modseq

    def expunge(self) -> None:
        folder_id = self.folder()
        model, uids = self.models[folder_id], self.uids(folder_id)
        kind = self.random.randrange(3)
        if kind == 0:
            gone = expunge(self.tx, folder_id)
            expected = model.remove(model.deleted())
        elif kind == 1:
            gone = expunge(self.tx, folder_id, uids)
            expected = model.remove(model.deleted() & set(uids))
        else:
            few = uids[:2]
            gone = expunge(self.tx, folder_id, few, deleted_only=False)
            expected = model.remove(few)
        assert (list(gone.uids), gone.modseq) == (expected, model.highest_modseq)

    def compare(self) -> None:
        for folder_id, model in self.models.items():
            folder = folder_by_id(self.tx, folder_id)
            counters = folder.uidnext, folder.highest_modseq, folder.messages, folder.unseen, folder.octets
            assert counters == model.counters()
            expected = {uid: (entry.message, entry.flags) for uid, entry in sorted(model.entries.items())}
            snapshot = open_folder(self.tx, folder_id)
            found = zip(snapshot.uids, snapshot.message_ids, snapshot.flags, strict=True)
            keywords = dict(snapshot.keywords)
            assert {uid: (message, names_of(mask, keywords)) for uid, message, mask in found} == expected
            assert list(snapshot.uids) == sorted(snapshot.uids)
            for replica in self.replicas[folder_id]:
                if self.random.random() < 0.3:
                    replica.look(self.tx, folder_id)
                    assert replica.entries == expected
                    assert replica.modseq == model.highest_modseq
            since = self.random.randint(0, model.highest_modseq)
            changes = changes_since(self.tx, folder_id, since)
            assert list(changes.uids) == sorted(uid for uid, entry in model.entries.items() if entry.modseq > since)
            assert list(changes.vanished) == sorted(uid for uid, modseq in model.vanished.items() if modseq > since)

    def step(self) -> None:
        operations = [self.append, self.store, self.store, self.copy, self.move, self.expunge]
        self.random.choice(operations)()
        self.tx.commit()
        self.compare()
        if sum(len(model.entries) for model in self.models.values()) > 150:
            folder_id = self.folder()
            uids = list(self.models[folder_id].entries)
            expunge(self.tx, folder_id, uids, deleted_only=False)
            self.models[folder_id].remove(uids)


@pytest.mark.parametrize("seed", range(3))
def test_store_does_what_the_model_does(transaction: Transaction, seed: int) -> None:
    walk = Walk(transaction, Random(seed))
    for _ in range(STEPS):
        walk.step()
