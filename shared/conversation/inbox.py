"""Octets that came from the client and were not read yet."""

from __future__ import annotations

from shared.conversation.errors import LineTooLong

CRLF = b"\r\n"


class Inbox:
    """A queue of octets that gives lines and runs of them, in time linear to what it is given, however it comes.

    One received chunk is kept as it came, without a copy; only when more arrives before it is used up do the chunks
    move into a bytearray, whose front is cut off without moving the rest. Nothing is looked at twice for a line's end.
    An empty one holds no buffer: thousands of silent clients cost nothing here.
    """

    __slots__ = ("_octets", "_searched", "_start")

    def __init__(self) -> None:
        self._octets: bytes | bytearray = b""
        self._start = 0  # everything before was taken
        self._searched = 0  # no CRLF begins before

    def __len__(self) -> int:
        return len(self._octets) - self._start

    def append(self, octets: bytes) -> None:
        """Add what came."""
        start, held = self._start, self._octets
        if start == len(held):
            self._octets = octets
            self._start = self._searched = 0
            return
        if isinstance(held, bytearray):
            del held[:start]
        else:
            self._octets = held = bytearray(memoryview(held)[start:])
        held += octets
        self._searched -= start
        self._start = 0

    def take_line(self, limit_octets: int) -> bytes | None:
        """The next line without its CRLF, None when its end is not here yet.

        Raises LineTooLong, with the line gone, when it is longer than `limit_octets` with its CRLF.
        """
        held, start = self._octets, self._start
        end = held.find(CRLF, self._searched)
        if end < 0:
            self._searched = max(start, len(held) - 1)  # the last octet may be the CR
            return None
        self._searched = self._start = behind = end + 2
        if behind - start > limit_octets:
            raise LineTooLong
        line = held[start:end]
        if behind == len(held):
            self.clear()
        return line if type(line) is bytes else bytes(line)

    def has_line(self) -> bool:
        """Whether `take_line` would give one."""
        return self._octets.find(CRLF, self._searched) >= 0

    def take(self, most_octets: int) -> bytes:
        """The next octets, as many as are here and at most so many."""
        held, start = self._octets, self._start
        end = start + most_octets
        if end >= len(held):
            self.clear()
            if start == 0:
                return held if type(held) is bytes else bytes(held)
            return bytes(memoryview(held)[start:])
        self._start = end
        self._searched = max(self._searched, end)
        taken = held[start:end]
        return taken if type(taken) is bytes else bytes(taken)

    def put_back(self, octets: bytes) -> None:
        """Undo a `take` of everything in part: `octets` is read next, and nothing is behind it."""
        self._octets = octets
        self._start = self._searched = 0

    def drop_line(self) -> None:
        """Forget the next line, however long; there is one."""
        self._start = self._searched = self._octets.find(CRLF, self._searched) + 2
        if self._start == len(self._octets):
            self.clear()

    def drop_unended(self) -> int:
        """Forget everything but a CR at the end, which may begin the line's end; returns how many octets that were."""
        ends_in_cr = self._octets.endswith(b"\r") and len(self) > 0
        dropped = self.clear()
        if ends_in_cr:
            self._octets = b"\r"
            dropped -= 1
        return dropped

    def clear(self) -> int:
        """Forget everything; returns how many octets that were."""
        forgotten = len(self)
        self._octets = b""
        self._start = self._searched = 0
        return forgotten
