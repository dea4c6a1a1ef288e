"""The parent of a service's worker processes: hands them the bound sockets, and starts another when one dies.

The sockets stay open here, so that clients who come while a worker is replaced are kept waiting and not refused.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred, gatherResults, succeed
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from shared.runtime.handover import hand_over
from shared.runtime.sockets import Sockets, bind_loopback

_log = Logger()
FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0  # a worker that ran for so long did not fail at its start
LAST_PATIENCE_SECONDS = 9.4  # then kill: just before the parent itself has to be gone


class Worker(ProcessProtocol):
    """One place in the row of workers, and the process that fills it now."""

    def __init__(self, reactor: Any, number: int, sockets: Sockets) -> None:
        self._reactor = reactor
        self.number = number
        self.when_ready: Callable[[], None] = lambda: None
        self.when_first_failed: Callable[[int], None] = lambda status: None
        self._health = bind_loopback()
        self.health_port: int = self._health.getsockname()[1]
        self._sockets = sockets.with_door("health", [self._health])
        self._delay_seconds = FIRST_DELAY_SECONDS
        self._started_at = 0.0
        self._ended: Deferred[None] | None = None
        self._leaving = False
        self.ready = False
        self.was_ever_ready = False

    def start(self) -> None:
        """Run a process like this one, as a worker."""
        if self._leaving:
            return
        inherited = list(self._sockets.file_numbers())
        ready_descriptor = max(inherited) + 3  # above 0, 1, 2 and the descriptors that are inherited
        environment = {**os.environ, **hand_over(self.number, self._sockets, ready_descriptor)}
        self._started_at = self._reactor.seconds()
        self._ended = Deferred()
        self._reactor.spawnProcess(
            self,
            sys.executable,
            [sys.executable, *_own_arguments()],
            environment,
            childFDs={0: "w", 1: 1, 2: 2, ready_descriptor: "r", **{number: number for number in inherited}},
        )

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """The worker reports that its doors are open."""
        self.ready = self.was_ever_ready = True
        self.when_ready()

    def processEnded(self, reason: Failure) -> None:
        """Start another, unless we are leaving; each time a little later, if they die soon."""
        self.ready = False
        if self._ended is not None:
            self._ended.callback(None)
        if self._leaving:
            return
        status = getattr(reason.value, "exitCode", None)
        if not self.was_ever_ready and status is not None:
            self.when_first_failed(status)
            return
        if self._reactor.seconds() - self._started_at > STEADY_SECONDS:
            self._delay_seconds = FIRST_DELAY_SECONDS
        _log.error(
            "worker {number} has ended ({reason}), another starts in {seconds} s",
            number=self.number,
            reason=reason.getErrorMessage(),
            seconds=self._delay_seconds,
        )
        self._reactor.callLater(self._delay_seconds, self.start)
        self._delay_seconds = min(self._delay_seconds * 2, LONGEST_DELAY_SECONDS)

    def signal(self, name: str) -> None:
        """Pass a signal on, if there is a process."""
        process: Any = self.transport
        if process is not None:
            with contextlib.suppress(ProcessExitedAlready):
                process.signalProcess(name)

    def leave(self) -> Deferred[None]:
        """Ask the worker to end; fires when it has ended."""
        self._leaving = True
        self.signal("TERM")
        self._health.close()
        return self._ended or succeed(None)


def _own_arguments() -> Sequence[str]:
    """The arguments that make Python run the same service again; not sys.orig_argv, where a starter may stand first."""
    spec = sys.modules["__main__"].__spec__
    if spec is None:
        return sys.orig_argv[1:]
    isolation = ["-P"] if sys.flags.safe_path else []
    return [*isolation, "-m", spec.name.removesuffix(".__main__"), *sys.argv[1:]]


class Workers:
    """All workers of a service."""

    def __init__(self, reactor: Any, count: int, sockets: Sockets) -> None:
        self._reactor = reactor
        self._sockets = sockets
        self.row: Sequence[Worker] = [Worker(reactor, number, sockets) for number in range(count)]

    def start(self, when_first_failed: Callable[[int], None], when_all_ready: Callable[[], None]) -> None:
        """Start every one.

        `when_all_ready` is called once. A worker that exits before it was ready even once will never be: then
        `when_first_failed` is called with its exit status.
        """
        waiting = set(self.row)

        def ready(worker: Worker) -> None:
            if worker in waiting:
                waiting.remove(worker)
                if not waiting:
                    when_all_ready()

        for worker in self.row:
            worker.when_ready = partial(ready, worker)
            worker.when_first_failed = when_first_failed
            worker.start()

    def pass_on(self, name: str) -> None:
        """Send a signal to each."""
        for worker in self.row:
            worker.signal(name)

    def health_ports(self) -> Mapping[str, int]:
        """The health ports of the workers that serve now, by their number."""
        return {str(worker.number): worker.health_port for worker in self.row if worker.ready}

    async def leave(self) -> None:
        """Ask all to go; returns when all are gone, the last ones by force."""
        all_gone = gatherResults([worker.leave() for worker in self.row])
        self._sockets.close()
        force = self._reactor.callLater(LAST_PATIENCE_SECONDS, self.pass_on, "KILL")
        await all_gone
        if force.active():
            force.cancel()
