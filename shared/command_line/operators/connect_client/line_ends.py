"""Line ends as protocols want them, of text that comes in pieces."""

from __future__ import annotations

import re

_LONE_LF = re.compile(rb"(?<!\r)\n")


class LineEnds:
    """LF and CRLF alike become CRLF; a CR may end one piece and its LF begin the next."""

    def __init__(self) -> None:
        self._ends_with_cr = False

    def as_crlf(self, piece: bytes) -> bytes:
        """The next piece, with CRLF at the end of each line."""
        joined = self._ends_with_cr and piece.startswith(b"\n")
        self._ends_with_cr = piece.endswith(b"\r") or (self._ends_with_cr and not piece)
        return b"\n" + _LONE_LF.sub(b"\r\n", piece[1:]) if joined else _LONE_LF.sub(b"\r\n", piece)
