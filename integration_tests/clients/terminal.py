"""A terminal, for programs that draw on one and are driven by keys."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from integration_tests.clients.program import PATIENCE_SECONDS, Program

_READ_OCTETS = 65536


@dataclass
class Terminal:
    """A program at work on a terminal. What it drew is in `drawn`, with all its escape sequences."""

    process: subprocess.Popen[bytes]
    _end: int
    drawn: bytes = b""
    _deadline: float = field(default_factory=lambda: time.monotonic() + PATIENCE_SECONDS)

    def wait_for(self, text: str) -> None:
        """Return once `text` was drawn after the last text that was waited for, and forget it with all before."""
        while text.encode() not in self.drawn:
            assert self._read(), f"it ends with {self.process.wait()}, and {text!r} never came: {self.drawn!r}"
        self.drawn = self.drawn.partition(text.encode())[2]

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
def at_terminal(program: Program, *arguments: str | Path) -> Iterator[Terminal]:
    """Start `program` on a terminal of 80 by 24; it is gone when the block ends."""
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
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
