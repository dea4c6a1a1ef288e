"""Words that were counted and are not in the store yet: bounded in memory, handed over batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

MOST_PENDING = 50_000  # different words of accounts and days; about 10 MB
MOST_NOTED = 10_000  # accounts and days with pages that are not in the store yet; about 3 MB
BATCH_WORDS = 1000  # a row each; put together in less than a millisecond
_EVICTED_AT_ONCE = 5000  # looked at in about half a millisecond

Counted = tuple[int, int]  # times, documents


@dataclass(frozen=True, slots=True)
class WordBatch:
    """What goes to the store in one transaction."""

    day: date
    account_id: int  # 0: nobody
    words: Mapping[str, Counted]
    pages: Mapping[str, int] = field(default_factory=dict)  # by outcome, also without words


class PendingWords:
    """The counts of all accounts since the last batches were taken."""

    def __init__(self, most: int = MOST_PENDING) -> None:
        self._most = most
        self._of: dict[tuple[date, int], dict[str, Counted]] = {}
        self._pages: dict[tuple[date, int], dict[str, int]] = {}
        self._size = 0
        self.left_out = 0  # occurrences that found no room

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        return bool(self._of or self._pages)

    def note(self, day: date, account_id: int, outcome: str) -> None:
        """One page more with this outcome; of accounts beyond MOST_NOTED only the process's own counts know."""
        if (day, account_id) in self._pages or len(self._pages) < MOST_NOTED:
            pages = self._pages.setdefault((day, account_id), {})
            pages[outcome] = pages.get(outcome, 0) + 1

    def add(self, day: date, account_id: int, counts: Mapping[str, int]) -> None:
        """Add one page's words. With no room left, rarer words make it: those that are known are always counted."""
        known = self._of.setdefault((day, account_id), {})
        before = len(known)
        for word, times in counts.items():
            counted = known.get(word)
            if counted is not None:
                known[word] = (counted[0] + times, counted[1] + 1)
            else:
                known[word] = (times, 1)
        self._size += len(known) - before
        if self._size > self._most:
            self._make_room()

    def take(self) -> WordBatch | None:
        """The next batch, which is no longer pending; None when there is nothing."""
        while self._of:
            (day, account_id), known = next(iter(self._of.items()))
            if len(known) <= BATCH_WORDS:
                del self._of[day, account_id]
                taken = known
            else:
                taken = {word: known.pop(word) for word in list(islice(known, BATCH_WORDS))}
            self._size -= len(taken)
            if taken:
                return WordBatch(day, account_id, taken, self._pages.pop((day, account_id), {}))
        if not self._pages:
            return None
        (day, account_id), pages = self._pages.popitem()
        return WordBatch(day, account_id, {}, pages)

    def _make_room(self) -> None:
        """Leave out rare words of the account that has most of them, so that no account crowds out the others."""
        known = max(self._of.values(), key=len)
        looked_at = list(islice(known.items(), _EVICTED_AT_ONCE))
        looked_at.sort(key=lambda item: item[1][0])
        for word, (times, _) in looked_at[: max(self._size - self._most, len(looked_at) // 2)]:
            del known[word]
            self._size -= 1
            self.left_out += times
