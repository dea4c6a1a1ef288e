"""Octets that came from the client and were not read yet."""

from __future__ import annotations

from shared.conversation.errors import KEPT_OCTETS, LineTooLong

LF = b"\n"
CR = 13
NO_LIMIT = 1 << 62


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
        self._searched = 0  # there is no LF before

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

    def take_line(self, limit_octets: int = NO_LIMIT) -> bytes | None:
        """The next line without its end, CRLF or LF alone; None when its end is not here yet.

        Raises LineTooLong, with the line gone, when it is longer than `limit_octets` with its end.
        """
        held, start = self._octets, self._start
        end = held.find(LF, self._searched)
        if end < 0:
            self._searched = len(held)
            return None
        behind = end + 1
        if end > start and held[end - 1] == CR:
            end -= 1
        if behind - start > limit_octets:
            self._searched = self._start = behind
            octets = end - start
            first, last = held[start : min(end, start + KEPT_OCTETS)], held[max(start, end - KEPT_OCTETS) : end]
            raise LineTooLong(bytes(first), bytes(last), octets)
        line = held[start:end]
        if behind == len(held):
            self._octets = b""
            behind = 0
        self._searched = self._start = behind
        return line if type(line) is bytes else bytes(line)

    def has_line(self) -> bool:
        """Whether `take_line` would give a line."""
        return self._octets.find(LF, self._searched) >= 0

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

    def take_all(self) -> bytes:
        """All that is here."""
        held, start = self._octets, self._start
        self._octets = b""
        self._start = self._searched = 0
        if start:
            return bytes(memoryview(held)[start:])
        return held if type(held) is bytes else bytes(held)

    def put_back(self, octets: bytes) -> None:
        """Undo a `take` of everything in part: `octets` is read next, and nothing is behind it."""
        self._octets = octets
        self._start = self._searched = 0

    def clear(self) -> int:
        """Forget everything; returns how many octets that were."""
        forgotten = len(self)
        self._octets = b""
        self._start = self._searched = 0
        return forgotten
