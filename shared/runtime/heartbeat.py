"""The heartbeat of a process: a thread that notices when the reactor does not turn, and says so on the health port.

The health port is answered by the reactor; while that hangs, nobody would answer, and a probe would only time out.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

BEAT_SECONDS = 1.0
SILENT_SECONDS = 7.0  # with the wait between two looks, /readyz is red within 10 s
PATIENCE_SECONDS = 1.0  # with a client of the health port
ASK_SECONDS = 3.0  # between two questions whether a process that hangs is to end
_log = Logger()


class Heartbeat:
    """`doing`: what runs in the reactor at the moment, "" for nothing that is worth a word.

    `is_to_end` is asked, in the thread, while the reactor hangs: whether an administrator wants the process to end.
    """

    def __init__(
        self, reactor: Any, sockets: Callable[[], Sequence[socket.socket]], silent_seconds: float = SILENT_SECONDS
    ) -> None:
        """`sockets` gives those that the health port listens on."""
        self.doing = ""
        self.is_to_end: Callable[[], bool] = lambda: False
        self._ask_at = 0.0
        self._sockets = sockets
        self._silent_seconds = silent_seconds
        self._last = time.monotonic()
        self._over = threading.Event()
        self._beating = LoopingCall(self._beat)
        self._beating.clock = reactor
        self._thread = threading.Thread(target=self._look, name="heartbeat", daemon=True)

    def begin(self) -> None:
        """Beat and look from now on."""
        self._beating.start(BEAT_SECONDS)
        self._thread.start()

    def close(self) -> None:
        """No more."""
        self._over.set()
        if self._beating.running:
            self._beating.stop()

    def _beat(self) -> None:
        self._last = time.monotonic()

    def _look(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            while (silent := time.monotonic() - self._last) > self._silent_seconds and not self._over.is_set():
                self._answer(silent)
                self._end_if_wanted(silent)

    def _end_if_wanted(self, silent: float) -> None:
        """Nothing but this ends a process in order whose reactor hangs: it is killed."""
        now = time.monotonic()
        if now < self._ask_at:
            return
        self._ask_at = now + ASK_SECONDS
        try:
            wanted = self.is_to_end()
        except Exception:
            return  # the store is away
        if wanted:
            _log.error("the process ends: the reactor has not turned for {silent:.0f} s", silent=silent)
            os.kill(os.getpid(), signal.SIGKILL)

    def _answer(self, silent: float) -> None:
        """Answer who comes within a second, in place of the reactor."""
        ready, _, _ = select.select(self._sockets(), [], [], BEAT_SECONDS)
        for listening in ready:
            try:
                client, _ = listening.accept()
            except OSError:
                continue
            with client:
                self._say(client, silent)

    def _say(self, client: socket.socket, silent: float) -> None:
        what = f" ({self.doing})" if self.doing else ""
        reason = f"the reactor has not turned for {silent:.0f} s{what}"
        body = json.dumps({"ready": False, "reactor": {"state": "away", "reason": reason}}, indent=1).encode() + b"\n"
        head = f"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        try:
            client.settimeout(PATIENCE_SECONDS)
            client.recv(4096)
            client.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)
            client.shutdown(socket.SHUT_WR)
            client.recv(4096)
        except OSError:
            pass  # it has left
