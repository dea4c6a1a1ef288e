"""Folders in plain Python: what the store must do, without a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from shared.folders.flags import SYSTEM_FLAGS

SIZE = 100  # every message of the model has so many octets


@dataclass
class ModelEntry:
    message: int
    flags: frozenset[str]
    modseq: int


@dataclass
class ModelFolder:
    """Flags are names here, system flags and keywords alike."""

    uidnext: int = 1
    highest_modseq: int = 1
    entries: dict[int, ModelEntry] = field(default_factory=dict)
    vanished: dict[int, int] = field(default_factory=dict)  # uid → modseq

    def add(self, messages: Sequence[tuple[int, frozenset[str]]]) -> list[int]:
        """One change: messages with their flags; their UIDs."""
        if messages:
            self.highest_modseq += 1
        uids = []
        for message, flags in messages:
            self.entries[self.uidnext] = ModelEntry(message, flags, self.highest_modseq)
            uids.append(self.uidnext)
            self.uidnext += 1
        return uids

    def store(
        self, uids: Iterable[int], action: str, flags: frozenset[str], limit: int | None
    ) -> tuple[set[int], set[int]]:
        """Which changed, and which failed."""
        changed, failed = set(), set()
        for uid in set(uids) & self.entries.keys():
            entry = self.entries[uid]
            after = {"add": entry.flags | flags, "remove": entry.flags - flags, "replace": flags}[action]
            if limit is not None and entry.modseq > limit:
                failed.add(uid)
            elif after != entry.flags:
                changed.add(uid)
                entry.flags = after
        if changed:
            self.highest_modseq += 1
            for uid in changed:
                self.entries[uid].modseq = self.highest_modseq
        return changed, failed

    def remove(self, uids: Iterable[int]) -> list[int]:
        gone = sorted(set(uids) & self.entries.keys())
        if gone:
            self.highest_modseq += 1
        for uid in gone:
            del self.entries[uid]
            self.vanished[uid] = self.highest_modseq
        return gone

    def deleted(self) -> set[int]:
        return {uid for uid, entry in self.entries.items() if "\\Deleted" in entry.flags}

    def counters(self) -> tuple[int, int, int, int, int]:
        unseen = sum("\\Seen" not in entry.flags for entry in self.entries.values())
        return self.uidnext, self.highest_modseq, len(self.entries), unseen, SIZE * len(self.entries)


def names_of(mask: int, keywords: dict[int, str]) -> frozenset[str]:
    """An entry's flags by name."""
    system = {name for name, bit in SYSTEM_FLAGS.items() if mask & bit}
    return frozenset(system | {name for bit, name in keywords.items() if mask >> bit & 1})
