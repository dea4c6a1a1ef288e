"""Marks in plain Python: what rooms must show to each account, without a store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.folders.flags import SEEN


@dataclass
class ModelRoom:
    """A room, and for each account the flags of its articles and a count of its changes.

    `changed[account][uid]` is the number of the event that last changed the article for that account, `events` how many
    there were: what happened since any moment can be told exactly.
    """

    accounts: Iterable[int]
    events: int = 0
    uidnext: int = 1
    there: set[int] = field(default_factory=set)
    gone: dict[int, int] = field(default_factory=dict)  # uid → event
    flags: dict[int, dict[int, int]] = field(default_factory=dict)
    changed: dict[int, dict[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for account in self.accounts:
            self.flags[account], self.changed[account] = {}, {}

    def post(self, count: int) -> None:
        self.events += 1
        for uid in range(self.uidnext, self.uidnext + count):
            self.there.add(uid)
            for changed in self.changed.values():
                changed[uid] = self.events
        self.uidnext += count

    def remove(self, uids: Iterable[int]) -> None:
        self.events += 1
        for uid in self.there & set(uids):
            self.there.remove(uid)
            self.gone[uid] = self.events

    def mark(self, account: int, uids: Iterable[int], action: str, flags: int) -> set[int]:
        """Which changed, among those that are there."""
        self.events += 1
        done = set()
        for uid in set(uids) & set(range(1, self.uidnext)):
            before = self.flags[account].get(uid, 0)
            after = {"add": before | flags, "remove": before & ~flags, "replace": flags}[action]
            if after != before:
                self.flags[account][uid] = after
                self.changed[account][uid] = self.events
                done.add(uid)
        return done

    def shown(self, account: int) -> dict[int, int]:
        return {uid: self.flags[account].get(uid, 0) for uid in sorted(self.there)}

    def unseen(self, account: int) -> int:
        return sum(not mask & SEEN for mask in self.shown(account).values())

    def changed_since(self, account: int, event: int) -> set[int]:
        return {uid for uid in self.there if self.changed[account][uid] > event}

    def gone_since(self, event: int) -> set[int]:
        return {uid for uid, when in self.gone.items() if when > event}
