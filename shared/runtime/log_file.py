"""A log file that several processes write to, and that any of them, or logrotate, may put aside.

Every write first looks whether the path still names the file that is open: after a rotation, by us, by another worker
or by logrotate, all go on in the new one, with or without a signal.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

MODE = 0o640


class LogFile:
    """Appends whole lines to `path`; puts the file aside as `path.1` when it has grown to `most_octets` (0: never)."""

    def __init__(self, path: Path, most_octets: int, kept: int, *, when_needed: bool = False) -> None:
        """`when_needed`: the file is made with its first line, and no sooner."""
        self._path = path.absolute()  # a daemon may have changed its directory when it opens the file again
        self._most_octets = most_octets
        self._kept = kept
        self._descriptor: int | None = None if when_needed else self._open()

    def write(self, text: str) -> None:
        """Append `text`, which is one or more whole lines: a single write, so that processes do not mix lines."""
        descriptor = self._current()
        if self._most_octets and os.fstat(descriptor).st_size >= self._most_octets:
            descriptor = self._put_aside(descriptor)
        os.write(descriptor, text.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """Nothing is held back."""

    def reopen(self) -> None:
        """Go on in whatever file the path names now."""
        former, self._descriptor = self._descriptor, None if self._descriptor is None else self._open()
        if former is not None:
            os.close(former)

    def put_aside(self) -> None:
        """Have the next line begin a new file, if there is one now."""
        if self._path.exists():
            former, self._descriptor = self._descriptor or self._open(), None
            self._rename_all(former)

    def _current(self) -> int:
        """The file that the path names, open."""
        if self._descriptor is None:
            self._descriptor = self._open()
        mine = os.fstat(self._descriptor)
        try:
            named = os.stat(self._path)
        except FileNotFoundError:
            named = None
        if named is None or (named.st_ino, named.st_dev) != (mine.st_ino, mine.st_dev):
            self.reopen()
        return self._descriptor

    def _put_aside(self, former: int) -> int:
        self._descriptor = None  # it is closed in any case: its number may be another file's before the next line
        self._rename_all(former)
        self._descriptor = self._open()
        return self._descriptor

    def _rename_all(self, former: int) -> None:
        """Put the file aside that `former` is, unless another process has, and close it."""
        fcntl.flock(former, fcntl.LOCK_EX)
        try:
            if os.stat(self._path).st_ino == os.fstat(former).st_ino:  # no other process did it while we waited
                for number in range(self._kept - 1, 0, -1):
                    self._rename(f".{number}", f".{number + 1}")
                self._rename("", ".1")
        except FileNotFoundError:
            pass  # another process is about to make it anew
        finally:
            os.close(former)  # gives the lock back

    def _rename(self, old: str, new: str) -> None:
        source = Path(f"{self._path}{old}")
        if source.exists():
            source.replace(f"{self._path}{new}")

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, MODE)
