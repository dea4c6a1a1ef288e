"""The top of a message: its header and some lines of its body (RFC 1939 §7 TOP)."""

from __future__ import annotations


class Top:
    """Cuts a message off behind so many lines of its body, while it passes in pieces.

    Some programs (fetchmail, to leave no trace) ask for 99,999,999 lines and mean the whole message.
    """

    def __init__(self, lines: int) -> None:
        self._left = lines
        self._in_header = True
        self._at_line_start = False
        self.reached = False  # nothing more is wanted

    def feed(self, piece: bytes) -> bytes:
        """The beginning of `piece` that belongs to the top.

        The first has a CRLF before the message, and none ends within a CRLF.
        """
        end = 0
        if self._in_header:
            end = self._end_of_header(piece)
            if not end:
                return piece
            self._in_header = False
        while self._left:
            line_end = piece.find(b"\r\n", end)
            if line_end < 0:
                return piece
            end = line_end + 2
            self._left -= 1
        self.reached = True
        return piece[:end]

    def _end_of_header(self, piece: bytes) -> int:
        """The offset at which the body begins; 0 if it does not begin in this piece."""
        if self._at_line_start and piece.startswith(b"\r\n"):
            return 2
        self._at_line_start = piece.endswith(b"\r\n")
        end = piece.find(b"\r\n\r\n")
        return end + 4 if end >= 0 else 0
