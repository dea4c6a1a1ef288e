"""The meter of a stretch of work: its time, and what the load generator and the server used meanwhile."""

from __future__ import annotations

import time
from types import TracebackType

from integration_tests.benchmarks.processes import cpu_seconds, family
from integration_tests.benchmarks.server import Server


class Meter:
    """`with Meter(server) as meter: …`, then its attributes."""

    def __init__(self, server: Server | None = None) -> None:
        self._server = server
        self.seconds = 0.0
        self.generator_share = 0.0  # of one processor; near 1, the generator is what was measured
        self.server_seconds: float | None = None  # of processors, in all of the server's processes

    def __enter__(self) -> Meter:
        self._used = self._server_used()
        self._own = time.process_time()
        self._began = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.seconds = time.perf_counter() - self._began
        self.generator_share = (time.process_time() - self._own) / self.seconds
        used = self._server_used()
        if used is not None and self._used is not None:
            self.server_seconds = used - self._used

    def _server_used(self) -> float | None:
        roots = self._server.roots() if self._server is not None else ()
        return cpu_seconds(family(roots)) if roots else None
