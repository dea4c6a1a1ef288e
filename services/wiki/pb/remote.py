"""An object of a client's that we hold a reference to: a watcher, or the `client` of a login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class RemoteObject:
    """A reference that came as an argument; let go after the call, unless somebody has kept it."""

    def __init__(self, number: int, send: Callable[[Any], None]) -> None:
        """`send` writes an expression; after the connection is lost it does nothing."""
        self.number = number
        self.is_kept = False
        self._send = send
        self._is_released = False

    def release(self) -> None:
        """Let the client forget it."""
        if not self._is_released:
            self._is_released = True
            self._send([b"decref", self.number])

    def call(self, name: bytes, jelly: list[Any]) -> None:
        """Call a method with these arguments, already as expressions; no answer is asked for."""
        if not self._is_released:
            self._send([b"message", 0, self.number, name, 0, [b"tuple", *jelly], [b"dictionary"]])
