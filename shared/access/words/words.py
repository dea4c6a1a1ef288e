"""The count of words in the web pages that pass, for the word report; it does not hold the pages up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from time import perf_counter
from uuid import uuid4

from prometheus_client import CollectorRegistry
from twisted.internet.defer import Deferred

from shared.access.usage.usage import NOBODY
from shared.access.words.add_words import add_words
from shared.access.words.counts import COUNTED, PageCollector, PageCounts
from shared.access.words.observer import MOST_QUEUED_OCTETS, Observer
from shared.access.words.page_text.content import codings_of
from shared.access.words.pending import MOST_PENDING, PendingWords, WordBatch
from shared.clock import Call, Clock, utc_day
from shared.database.database import Database
from shared.errors import DomainError
from shared.runtime.slices import Slices
from shared.runtime.spawn import spawn

FLUSH_SECONDS = 10.0  # what is lost when the process is killed, and the report's delay
MOST_OPEN = 128  # pages observed at once: 40 KiB each for zlib, and their words
MOST_OPEN_WINDOWS = 16  # of these with br or zstd: 6 MiB each, when as much comes out of it as is read
MOST_OPEN_OF_HOST = 32  # so that one host's flood leaves room for the others
_TOO_SLOW_SECONDS = 60.0  # then a page makes room when others want to be observed
_CLOSING_SECONDS = 0.2  # to read what is waiting when the process ends
_PAGES = (b"text/html", b"application/xhtml+xml")


class Words:
    """One for each process. Pages are read between the reactor's other work, and some are left out under load."""

    def __init__(
        self,
        database: Database,
        reactor: Clock,
        opted_out: Callable[[int | None], bool],
        *,
        metrics: CollectorRegistry | None = None,
        today: Callable[[], date] = utc_day,
        timer: Callable[[], float] = perf_counter,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        """`opted_out` tells for each page whether this account's are left out; None is a client without account."""
        self._database = database
        self._clock = reactor
        self._opted_out = opted_out
        self._today = today
        self._flush_seconds = flush_seconds
        self._slices = Slices(reactor, timer)
        self._open: dict[Observer, float] = {}  # since when; the oldest first
        self._open_of: Counter[str] = Counter()
        self._open_windows = 0
        self._pending = PendingWords()
        self._copy, self._number = uuid4(), 0
        self._sending: WordBatch | None = (
            None  # may be in the store already: goes again as it is, under the same number
        )
        self._flush_call: Call | None = None
        self._waiting: list[Deferred[None]] = []  # for the end of a flush
        self._flushing = self._closed = False
        self.queued_octets = 0
        self.counts = PageCounts()
        if metrics is not None:
            metrics.register(PageCollector(self.counts, lambda: len(self._pending)))

    def observe(
        self, account_id: int | None, host: str, content_type: bytes, content_encoding: bytes
    ) -> Observer | None:
        """An observer for the content of a response; None when its words are not counted.

        The values of the fields Content-Type and Content-Encoding, b"" where they are absent. The host is not kept.
        """
        if content_type.partition(b";")[0].strip().lower() not in _PAGES or self._closed:
            return None
        account = account_id or NOBODY
        if self._opted_out(account_id):
            self.note(account, "opted_out")
            return None
        if not self._has_room(host):
            self.note(account, "sampled_away")
            return None
        codings = codings_of(content_encoding)
        if codings is None:
            self.note(account, "other_coding")
            return None
        observer = Observer(self, account, host, content_type, codings)
        if observer.has_window:
            if self._open_windows >= MOST_OPEN_WINDOWS:
                self.note(account, "sampled_away")
                return None
            self._open_windows += 1
        self._open[observer] = self._clock.seconds()
        self._open_of[host] += 1
        return observer

    async def flush(self) -> None:
        """Write what was counted so far. Raises what Database.transact() does; after a DomainError nothing is lost."""
        while self._flushing:
            await self._end_of_flush()
        self._flushing = True
        try:
            while batch := self._sending or self._pending.take():
                if self._sending is None:
                    self._sending, self._number = batch, self._number + 1
                await self._database.transact(add_words, self._copy, self._number, batch)
                self._sending = None
        except DomainError:
            raise  # the batch stays, and is counted once even if it was written after all
        except Exception:
            self._sending = None  # a bug, which would be there the next time, too
            raise
        finally:
            self._flushing = False
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                each.callback(None)

    async def close(self) -> None:
        """Count the pages that have ended, write it all, and observe no more."""
        self._closed = True
        self._slices.finish(_CLOSING_SECONDS)
        if self._flush_call is not None and self._flush_call.active():
            self._flush_call.cancel()
        await self.flush()

    def take_up(self, observer: Observer) -> None:
        """Read on: the observer has octets to read, or has ended."""
        self._slices.add(observer)

    def add(self, account_id: int, words: Mapping[str, int]) -> None:
        """Count one page's words."""
        self._pending.add(self._today(), account_id, words)
        self.note(account_id, COUNTED)

    def note(self, account_id: int, outcome: str) -> None:
        """Count one page by its outcome, a field of PageCounts."""
        self.counts.add(outcome)
        self._pending.note(self._today(), account_id, outcome)
        if self._flush_call is None and not self._closed:
            self._flush_call = self._clock.callLater(self._flush_seconds, self._flush_now)
        elif self._flush_call and len(self._pending) > MOST_PENDING // 2 and not self._sending:
            self._flush_call.cancel()
            self._flush_now()

    def forget(self, observer: Observer) -> None:
        """Forget an observer that is done."""
        if self._open.pop(observer, None) is not None:
            self._open_windows -= observer.has_window
            self._open_of[observer.host] -= 1
            if not self._open_of[observer.host]:
                del self._open_of[observer.host]

    def _has_room(self, host: str) -> bool:
        if self.queued_octets > MOST_QUEUED_OCTETS // 2 or self._open_of[host] >= MOST_OPEN_OF_HOST:
            return False
        if len(self._open) < MOST_OPEN:
            return True
        oldest, since = next(iter(self._open.items()))
        if self._clock.seconds() - since < _TOO_SLOW_SECONDS:
            return False
        oldest.give_up()
        return True

    def _end_of_flush(self) -> Deferred[None]:
        ended: Deferred[None] = Deferred()
        self._waiting.append(ended)
        return ended

    def _flush_now(self) -> None:
        self._flush_call = None
        spawn(self._flush_and_look_again(), "writing words to the store")

    async def _flush_and_look_again(self) -> None:
        try:
            await self.flush()
        finally:
            if (self._pending or self._sending) and not (self._flush_call or self._closed):
                self._flush_call = self._clock.callLater(self._flush_seconds, self._flush_now)
