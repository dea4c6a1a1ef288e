"""The growth of a server's processes in memory, beyond what they had, looked at many times a second."""

from __future__ import annotations

import threading
import time
from types import TracebackType

from integration_tests.benchmarks.processes import anonymous_octets, family
from integration_tests.benchmarks.server import Server

LOOK_SECONDS = 0.05
FAMILY_SECONDS = 0.5  # between two looks for new processes, which take longer


class Growth:
    """`with Growth(server) as growth: …`, then its attributes, in octets; None where nothing is known of processes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_until_told, name="growth", daemon=True)
        self._most = 0
        self.most: int | None = None
        self.kept: int | None = None  # at the end

    def __enter__(self) -> Growth:
        self._before = self._octets()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()
        if self._server.roots():
            self.kept = self._octets() - self._before
            self.most = max(self._most - self._before, self.kept)

    def _octets(self) -> int:
        return anonymous_octets(family(self._server.roots()))

    def _look_until_told(self) -> None:
        looked_at = 0.0
        processes: set[int] = set()
        while not self._ended.wait(LOOK_SECONDS):
            if time.monotonic() - looked_at > FAMILY_SECONDS:
                processes, looked_at = family(self._server.roots()), time.monotonic()
            self._most = max(self._most, anonymous_octets(processes))
