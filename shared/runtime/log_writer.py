"""The writer of a process's lines: to its log, errors to the file of errors as well.

Lines about what happens come by the thousand a second under load; they are gathered for up to GATHERED_SECONDS and
written together, so that a line costs no system call of its own. Every other line is written at once, after them.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Any, Protocol

GATHERED_SECONDS = 0.1  # as much is lost of what happened if the process is killed; of errors, nothing
GATHERED_CHARACTERS = 32 * 1024  # half of what a pipe holds: the supervisor reads while we go on
ERROR_SEVERITY = 3
_LOST = (OSError, ValueError)  # a full disk or a closed terminal must not stop a service


class LineFile(Protocol):
    """A file of lines."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


class LogWriter:
    """Severities are those of syslog (RFC 5424 §6.2.1): 3 error, 4 warning, 6 info, 7 debug."""

    def __init__(self, output: LineFile, errors: LineFile | None, *, for_journal: bool) -> None:
        """`for_journal`: each line begins with its severity, as systemd's journal reads it (sd-daemon(3))."""
        self._output = output
        self._errors = errors
        self._for_journal = for_journal
        self._gathered: deque[str] = deque()  # a thread of ours may flush while another line comes
        self._characters = 0
        self._clock: Any = None
        self._will_flush = False

    def gather_with(self, clock: Any) -> None:
        """From now on there is a reactor: lines of `gather` may wait for each other."""
        self._clock = clock
        clock.addSystemEventTrigger("after", "shutdown", self.flush)

    def write(self, severity: int, text: str) -> None:
        """Write `text`, which is one event, now; a traceback makes it several lines."""
        self.flush()
        self._put(self._output, self._prefixed(severity, text) + "\n")
        if severity <= ERROR_SEVERITY and self._errors is not None:
            self._put(self._errors, text + "\n")

    def gather(self, severity: int, text: str) -> None:
        """Write `text` soon."""
        text = self._prefixed(severity, text) + "\n"
        self._gathered.append(text)
        self._characters += len(text)
        if self._clock is None or self._characters >= GATHERED_CHARACTERS:
            self.flush()
        elif not self._will_flush:
            self._will_flush = True
            self._clock.callLater(GATHERED_SECONDS, self._time_is_up)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._gathered:
            self._characters = 0
            self._put(self._output, "".join([self._gathered.popleft() for _ in range(len(self._gathered))]))

    def _time_is_up(self) -> None:
        self._will_flush = False
        self.flush()

    def _put(self, file: LineFile, text: str) -> None:
        with suppress(*_LOST):
            file.write(text)
            file.flush()

    def _prefixed(self, severity: int, text: str) -> str:
        if not self._for_journal:
            return text
        prefix = f"<{severity}>"
        return prefix + text.replace("\n", "\n" + prefix)
