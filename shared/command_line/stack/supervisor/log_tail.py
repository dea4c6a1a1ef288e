"""The last lines of a log, to show why a program ended."""

from __future__ import annotations

from pathlib import Path

LINES = 15
OCTETS = 16_384  # as far back as 15 lines are looked for


class LogMark:
    """A position in a log: what was written before it is about an earlier run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start = path.stat().st_size if path.exists() else 0

    def tail(self) -> str:
        """The last lines since."""
        return last_lines(self._path, start=self._start)


def last_lines(path: Path, count: int = LINES, start: int = 0) -> str:
    """At most `count` lines from the end of the file, none from before the offset `start`."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - OCTETS, start if start <= size else 0))  # smaller than it was: it was rotated
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(lines[-count:])
