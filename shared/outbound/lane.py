"""A lane: what waits for the servers of one route, and the connections that it goes by."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from twisted.internet.defer import Deferred

from shared.outbound.claim import QueuedRecipient
from shared.outbound.routes import Route


class Job:
    """A message for some recipients by one route."""

    __slots__ = ("is_second_try", "message", "recipients")

    def __init__(self, recipient: QueuedRecipient) -> None:
        """Others may be added that have the same copy."""
        self.message = recipient.message
        self.recipients = [recipient]
        self.is_second_try = False  # a connection that was kept from before has failed at once


class Lane:
    """Jobs in their order. Recipients of one copy that come while it waits join it: one transaction for all."""

    def __init__(self, route: Route, reactor: Any) -> None:
        self.route = route
        self.connections = 0
        self.connecting = 0  # of these; each takes a job once it is there
        self.is_closed = False  # the process closes: its connections take no more jobs
        self.sends_ahead = True  # the next job's commands with the end of a message, until a server has lost them
        self._reactor = reactor
        self._jobs: deque[Job] = deque()
        self._by_copy: dict[tuple[int, str, str], Job] = {}
        self._idle: deque[Deferred[None]] = deque()

    @property
    def has_work(self) -> bool:
        """Whether a job waits for which no connection is idle, or is being made."""
        return len(self._jobs) > len(self._idle) + self.connecting

    @property
    def is_done(self) -> bool:
        return not self._jobs and not self.connections

    def add(self, recipients: Iterable[QueuedRecipient]) -> None:
        """Recipients, of any number of messages."""
        for recipient in recipients:
            job = self._by_copy.get(recipient.copy)
            if job is not None:
                job.recipients.append(recipient)
            else:
                self._append(Job(recipient))
        for _ in range(min(len(self._jobs), len(self._idle))):
            self._idle.popleft().callback(None)

    def _append(self, job: Job) -> None:
        self._jobs.append(job)
        self._by_copy[job.recipients[0].copy] = job

    def put_back(self, job: Job) -> None:
        """It is the next one."""
        self._jobs.appendleft(job)
        self._by_copy.setdefault(job.recipients[0].copy, job)

    def take(self) -> Job | None:
        """The next job, if one waits."""
        if not self._jobs:
            return None
        job = self._jobs.popleft()
        copy = job.recipients[0].copy
        if self._by_copy.get(copy) is job:
            del self._by_copy[copy]
        return job

    def take_all(self) -> list[Job]:
        """All that waits: the servers cannot be reached."""
        jobs = list(self._jobs)
        self._jobs.clear()
        self._by_copy.clear()
        return jobs

    async def wait(self, seconds: float) -> Job | None:
        """The next job; None if none comes within that time."""
        job = self.take()
        if job is not None:
            return job
        idle: Deferred[None] = Deferred()
        self._idle.append(idle)
        timer = self._reactor.callLater(seconds, self._give_up, idle)
        await idle
        if timer.active():
            timer.cancel()
        return self.take()

    def close(self) -> None:
        """End every wait, and each connection after its job."""
        self.is_closed = True
        while self._idle:
            self._idle.popleft().callback(None)

    def _give_up(self, idle: Deferred[None]) -> None:
        if idle in self._idle:
            self._idle.remove(idle)
            idle.callback(None)
