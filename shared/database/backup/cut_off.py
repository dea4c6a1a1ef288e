"""Ending a connection to PostgreSQL at once, from another thread than the one that waits in it.

Closing it there would take its descriptor away under libpq; asking PostgreSQL to cancel takes another connection to it,
for which the reactor would wait.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Any


class CutOff:
    """The socket of an open connection, under a descriptor of its own: for a `with` around what uses the connection."""

    def __init__(self, connection: Any) -> None:
        self._socket = socket.socket(fileno=os.dup(connection.fileno()))
        self._lock = threading.Lock()  # a descriptor that was closed may be another's by now

    def __enter__(self) -> CutOff:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._socket.close()

    def end(self) -> None:
        """Who waits for PostgreSQL has an OperationalError now. After the block this does nothing."""
        with self._lock, contextlib.suppress(OSError):  # it is closed, here or by the server
            self._socket.shutdown(socket.SHUT_RDWR)
