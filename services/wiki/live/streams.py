"""The streams of live updates: all open pages of a process, within bounds.

One watch and one question to the store serve all readers of a subject. A client that does not take what it is sent is
told the newest when it does. While Redis is away the bus wakes the subjects once in each poll interval.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Any

from twisted.internet.task import LoopingCall

from services.wiki.live.subject import LiveReader, LiveSubject
from services.wiki.site.answer import Answer
from services.wiki.site.errors import TooManyReaders
from services.wiki.site.request import WebRequest
from shared.errors import DomainError
from shared.give_way import Turns
from shared.runtime.until_quiet import UntilQuiet

EVENT_STREAM = b"text/event-stream"
MOST_READERS = 5_000  # of a process: 30 KB each
MOST_OF_ONE = 30  # pages that an account, or a network of strangers, has open
ALIVE_SECONDS = 25.0  # proxies close what is silent for 30 or 60 seconds
LOOK_SECONDS = 1.0  # how soon the streams end when the process is to end
_START = b"retry: 3000\n\n"
_ALIVE = b":\n\n"


class LiveStreams:
    """One for each process."""

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._subjects: dict[Hashable, LiveSubject] = {}  # those that have readers
        self._counts: dict[Hashable, int] = {}
        self._readers = 0
        self._alive = LoopingCall(self._look)
        self._alive.clock = clock
        self._seconds = 0.0

    @property
    def readers(self) -> int:
        """How many pages are open."""
        return self._readers

    async def answer(
        self, key: Hashable, place: Hashable, subject_there: Callable[[], Awaitable[LiveSubject]]
    ) -> Answer:
        """The events of the subject at `place`, for the account or network `key`.

        `subject_there` makes it for its first reader. Raises TooManyReaders, and what `subject_there` raises.
        """
        if self._readers >= MOST_READERS or self._counts.get(key, 0) >= MOST_OF_ONE:
            raise TooManyReaders
        subject = self._subjects.get(place) or await subject_there()
        return Answer(
            200, b"", EVENT_STREAM, {b"x-accel-buffering": b"no"}, cache=b"no-store",
            stream=lambda request: self._begin(request, place, subject, key),
        )  # fmt: skip

    def _begin(self, request: WebRequest, place: Hashable, subject: LiveSubject, key: Hashable) -> None:
        if request.gone:
            return
        if request.method == b"HEAD":
            request.finish()
            return
        subject = self._subjects.get(place, subject)
        reader = LiveReader(request, place, subject, key)
        subject.readers.add(reader)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._readers += 1
        request.notifyFinish().addBoth(lambda _reason: self._leave(reader))
        request.registerProducer(reader, True)
        request.write(_START + subject.newest)
        if place not in self._subjects:
            self._subjects[place] = subject
            news = UntilQuiet(partial(self._tell, subject), "telling open pages what is new")
            subject.watch = subject.watch_with(lambda _position: news.look())
            news.look()  # what came since the subject was read
        if not self._alive.running:
            self._alive.start(LOOK_SECONDS, now=False)

    def _leave(self, reader: LiveReader) -> None:
        subject = reader.subject
        if reader not in subject.readers:
            return
        subject.readers.discard(reader)
        self._readers -= 1
        left = self._counts[reader.key] - 1
        if left:
            self._counts[reader.key] = left
        else:
            del self._counts[reader.key]
        if not subject.readers:
            if subject.watch is not None:
                subject.watch.stop()
            self._subjects.pop(reader.place, None)
        if not self._readers and self._alive.running:
            self._alive.stop()

    async def _tell(self, subject: LiveSubject) -> None:
        if not subject.readers:
            return
        try:
            event = await subject.ask()
        except DomainError:
            return  # the bus wakes again, at the latest when it polls
        if event is None:
            return
        subject.newest = event
        turns = Turns(self._clock)
        for reader in list(subject.readers):
            reader.tell(event)
            if turns.is_over:
                await turns.give_way()

    def _look(self) -> None:
        """End the streams of a door that is being closed, and show proxies that the others are alive."""
        self._seconds += LOOK_SECONDS
        is_due = self._seconds >= ALIVE_SECONDS
        if is_due:
            self._seconds = 0.0
        for subject in list(self._subjects.values()):
            for reader in list(subject.readers):
                if reader.request.channel is None or reader.request.gone:
                    continue
                if reader.request.channel.persistent != reader.persistent:  # shared/runtime/draining_site.py
                    reader.request.unregisterProducer()
                    reader.request.finish()
                elif is_due:
                    reader.tell(_ALIVE)
