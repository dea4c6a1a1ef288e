"""A terminal, for programs that draw on one and are driven by keys."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from integration_tests.clients.program import PATIENCE_SECONDS, Program

_READ_OCTETS = 65536


@dataclass
class Terminal:
    """A program at work on a terminal. What it drew is in `drawn`, with all its escape sequences."""

    process: subprocess.Popen[bytes]
    _end: int
    _deadline: float
    drawn: bytes = b""

    def wait_for(self, text: str) -> None:
        """Return once `text` was drawn after the last text that was waited for, and forget it with all before."""
        self.wait_for_one(text)

    def wait_for_one(self, *texts: str) -> str:
        """The same for the one of these that comes, which is returned."""
        while (found := next((each for each in texts if each.encode() in self.drawn), None)) is None:
            assert self._read(), f"it ends with {self.process.wait()}, and {texts} never came: {self.drawn!r}"
        self.drawn = self.drawn.partition(found.encode())[2]
        return found

    def press(self, keys: str) -> None:
        """What a person would type."""
        os.write(self._end, keys.encode())

    def wait_for_end(self) -> int:
        """Its exit status."""
        while self._read():
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._end], [], [], self._deadline - time.monotonic())
        assert ready, f"it does not end: {self.drawn!r}"
        with contextlib.suppress(OSError):  # EIO: the program has let go of it
            read = os.read(self._end, _READ_OCTETS)
            self.drawn += read
            return read != b""
        return False


@contextlib.contextmanager
def at_terminal(
    program: Program, *arguments: str | Path, patience_seconds: float = PATIENCE_SECONDS
) -> Iterator[Terminal]:
    """Start `program` on a terminal of 80 by 24; it is gone when the block ends. `patience_seconds`: for all of it."""
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen(
            [program.path, *map(str, arguments)],
            cwd=program.home,
            env={**program.environment, "TERM": "xterm", "LINES": "24", "COLUMNS": "80"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
    finally:
        os.close(theirs)
    try:
        yield Terminal(process, ours, time.monotonic() + patience_seconds)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
