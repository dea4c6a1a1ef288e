"""A log whose lines are written together, twice a second or 64 KiB at a time: one for each request of a busy door."""

from __future__ import annotations

from twisted.logger import Logger

from shared.clock import Call, Clock
from shared.runtime.log_file import LogFile

GATHERED_SECONDS = 0.5  # as much is lost if the process is killed
GATHERED_CHARACTERS = 64 * 1024


class GatheredLog:
    """Writes to `file`; the kinds of it say what a line has."""

    _log = Logger()

    def __init__(self, file: LogFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._lines: list[str] = []
        self._characters = 0
        self._due: Call | None = None
        self._failed = False

    def add(self, line: str) -> None:
        """Take a line, with its end."""
        self._lines.append(line)
        self._characters += len(line)
        if self._characters >= GATHERED_CHARACTERS:
            self.flush()
        elif self._due is None:
            self._due = self._clock.callLater(GATHERED_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what was gathered. What cannot be written is lost, and the log of the service says so once."""
        due, self._due = self._due, None
        if due is not None and due.active():
            due.cancel()
        text = "".join(self._lines)
        self._lines.clear()
        self._characters = 0
        if not text:
            return
        try:
            self._file.write(text)
            self._failed = False
        except OSError as error:
            if not self._failed:
                self._log.error("the access log cannot be written: {reason}", reason=str(error))
            self._failed = True

    async def close(self) -> None:
        """Write the rest."""
        self.flush()
