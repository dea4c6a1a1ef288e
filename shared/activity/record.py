"""`record(event)`: the one way into the log of what happens.

It does not go by `twisted.logger`, which takes 8 µs for each event before an observer gets it: 2 % of what a message
takes. Events come by the thousand a second under load: they wait for each other up to GATHERED_SECONDS, and are counted
and written together, which takes a third of the time and one system call.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from shared.activity.events import Event
from shared.activity.metrics import count

GATHERED_SECONDS = 0.1  # so much is lost of the log if the process is killed; errors are written at once
MOST_GATHERED = 128  # ordinary lines for half of what a pipe holds: the supervisor reads while we go on

Timed = tuple[float, Event]  # when it happened, in seconds since the epoch, and what
Writer = Callable[[Sequence[Timed]], None]


class Recorder:
    """The events of a process, on their way to the counters and the log."""

    def __init__(self) -> None:
        self._writers: list[Writer] = []
        self._gathered: deque[Timed] = deque()
        self._clock: Any = None
        # Other threads write lines, too, before which ours have to be there; and while we flush the garbage collector
        # may find a failure that nobody has seen, which is a line.
        self._flushing = RLock()

    def record(self, event: Event) -> None:
        """Count `event`, and write it wherever this process's log goes: soon. Never fails, never waits."""
        gathered = self._gathered
        gathered.append((time.time(), event))
        waiting = len(gathered)
        if waiting >= MOST_GATHERED or self._clock is None:
            self.flush()
        elif waiting == 1:
            self._clock.callLater(GATHERED_SECONDS, self.flush)

    def flush(self) -> None:
        """Count and write what was gathered."""
        gathered = self._gathered
        with self._flushing:
            events = [gathered.popleft() for _ in range(len(gathered))]
            if events:
                count([event for _, event in events])
                for writer in self._writers:
                    writer(events)

    def write_with(self, writer: Writer) -> None:
        """From now on give every event to `writer`, too; it must not raise."""
        self._writers.append(writer)

    def gather_with(self, clock: Any) -> None:
        """From now on there is a reactor: events may wait for each other."""
        self._clock = clock
        clock.addSystemEventTrigger("after", "shutdown", self.flush)

    @contextmanager
    def recorded(self) -> Iterator[list[Event]]:
        """The events that are recorded within the block, as they are counted."""
        events: list[Event] = []

        def note(timed: Sequence[Timed]) -> None:
            events.extend([event for _, event in timed])

        self._writers.append(note)
        try:
            yield events
        finally:
            self._writers.remove(note)


_of_this_process = Recorder()
record = _of_this_process.record
flush = _of_this_process.flush
write_with = _of_this_process.write_with
gather_with = _of_this_process.gather_with
recorded = _of_this_process.recorded
