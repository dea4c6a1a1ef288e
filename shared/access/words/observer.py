"""The observer of one web page that passes; it has the page read when there is time."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

from shared.access.words.page_text.coding_bounds import ContentBomb
from shared.access.words.page_text.page import STEP_OCTETS, Page, UnreadablePage
from shared.access.words.page_text.window_codings import WINDOW_CODINGS

MOST_PAGE_OCTETS = 1 << 20  # of one page, as it was sent; what follows is not counted
MOST_QUEUED_OCTETS = 16 << 20  # of all pages, as they were sent


class PageReading(Protocol):
    """The reader of pages that observers have seen (words.py)."""

    queued_octets: int

    def take_up(self, observer: Observer) -> None: ...
    def add(self, account_id: int, words: Mapping[str, int]) -> None: ...
    def note(self, account_id: int, outcome: str) -> None: ...
    def forget(self, observer: Observer) -> None: ...


class Observer:
    """One page on its way. feed() and end() are called while a response passes: they only put octets aside."""

    __slots__ = (
        "_account_id",
        "_at",
        "_codings",
        "_content_type",
        "_ended",
        "_is_dropped",
        "_is_waiting",
        "_octets",
        "_page",
        "_queue",
        "_reading",
        "_wants",
        "_words",
        "has_window",
        "host",
    )

    def __init__(
        self, reading: PageReading, account_id: int, host: str, content_type: bytes, codings: Sequence[str]
    ) -> None:
        self._reading = reading
        self._account_id = account_id
        self.host = host
        self._content_type = content_type
        self._codings = codings
        self.has_window = not WINDOW_CODINGS.isdisjoint(codings)  # its decoder takes megabytes
        self._page: Page | None = None
        self._words: Mapping[str, int] | None = None  # of the whole page; to add them is a step of its own
        self._queue: deque[bytes] = deque()
        self._at = 0  # how much of the first in the queue is read
        self._octets = 0
        self._wants = True
        self._is_waiting = False  # for its turn to be read
        self._ended = self._is_dropped = False

    def feed(self, data: bytes) -> None:
        """The next octets of the content, as they were sent but for the transfer coding. Keeps a reference."""
        if not self._wants or not data:
            return
        reading = self._reading
        self._octets += len(data)
        if self._octets > MOST_PAGE_OCTETS:
            self._wants = False
            return
        if reading.queued_octets > MOST_QUEUED_OCTETS:
            reading.note(self._account_id, "sampled_away")
            self.drop()
            return
        reading.queued_octets += len(data)
        self._queue.append(data)
        if not self._is_waiting:
            self._is_waiting = True
            reading.take_up(self)

    def end(self, complete: bool) -> None:
        """The content has ended. One that broke off is not counted at all."""
        if self._ended:
            return
        self._ended, self._wants = True, False
        if not complete:
            self._reading.note(self._account_id, "incomplete")
            self.drop()
        elif not self._is_waiting:
            self._is_waiting = True
            self._reading.take_up(self)

    def give_up(self) -> None:
        """Make room for others: it takes too long."""
        self._reading.note(self._account_id, "too_slow")
        self.drop()

    def drop(self) -> None:
        """Count nothing of it."""
        self._ended = self._is_dropped = True
        self._wants = False
        self._reading.queued_octets -= sum(map(len, self._queue)) - self._at
        self._let_go()

    def step(self) -> bool:
        """Read a little of what is in the queue; False when there is nothing to do for now."""
        try:
            self._is_waiting = not self._is_dropped and self._step()
        except ContentBomb:
            self._reading.note(self._account_id, "bombs")
            self.drop()
        except UnreadablePage:
            self._reading.note(self._account_id, "broken")
            self.drop()
        return self._is_waiting

    def _step(self) -> bool:
        page = self._page
        if page is None:
            page = self._page = Page(self._content_type, self._codings)
        if page.step():
            return True
        if self._queue:
            page.push(self._next_octets())
            return True
        if self._ended and self._words is None:
            self._words = page.finish()
            if not page.charset_is_known:
                self._reading.note(self._account_id, "other_charset")
                self.drop()
                return False
            return True
        if self._words is not None:
            words = self._words
            self._let_go()
            self._reading.add(self._account_id, words)
        return False

    def _next_octets(self) -> bytes:
        first = self._queue[0]
        octets = first[self._at : self._at + STEP_OCTETS]
        self._at += len(octets)
        self._reading.queued_octets -= len(octets)
        if self._at == len(first):
            self._queue.popleft()
            self._at = 0
        return octets

    def _let_go(self) -> None:
        self._is_waiting = False
        self._queue.clear()
        self._at = 0
        self._page = self._words = None
        self._reading.forget(self)
