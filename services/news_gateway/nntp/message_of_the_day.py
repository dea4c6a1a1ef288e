"""What the operator tells newsreaders: a file, read each time it is asked for, so that it may change."""

from __future__ import annotations

from pathlib import Path

MOST_OCTETS = 16 << 10  # some pages; it goes out to everybody who asks


class MessageOfTheDay:
    """The file of a setting, or none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def read(self) -> bytes:
        """Its lines in UTF-8, ended by CRLF; nothing where there is no file, or none that can be read."""
        if self._file is None:
            return b""
        try:
            with self._file.open("rb") as opened:
                text = opened.read(MOST_OCTETS).decode("utf-8", "replace").replace("\0", "")
        except OSError:
            return b""
        return "".join(f"{line}\r\n" for line in text.splitlines()).encode()
