"""The standard output of a command as octets, which are sent as they are."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


class OctetsOutput(io.RawIOBase):
    """A file that takes all that is written, as fast as the client does."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        """`put` waits for the client, for a bounded time."""
        self._put = put

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Raises CommandInterrupted, OutputLost."""
        self._put(bytes(data))
        return len(data)
