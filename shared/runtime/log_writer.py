"""The writer of a process's lines: to its log, errors to the file of errors as well."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

ERROR_SEVERITY = 3
_LOST = (OSError, ValueError)  # a full disk or a closed terminal must not stop a service


class LineFile(Protocol):
    """A file of lines."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


class LogWriter:
    """The numbers of severities are syslog's (RFC 5424 §6.2.1): 3 error, 4 warning, 6 info, 7 debug."""

    def __init__(self, output: LineFile, errors: LineFile | None, *, for_journal: bool) -> None:
        """`for_journal`: each line begins with its severity, as systemd's journal reads it (sd-daemon(3))."""
        self._output = output
        self._errors = errors
        self._for_journal = for_journal

    def write(self, severity: int, text: str) -> None:
        """Write `text`, which is one event; a traceback makes it several lines."""
        self._put(self._output, self._prefixed(severity, text) + "\n")
        if severity <= ERROR_SEVERITY and self._errors is not None:
            self._put(self._errors, text + "\n")

    def write_together(self, severity: int, lines: Sequence[str]) -> None:
        """Write lines of events that are no errors, at one go."""
        self._put(self._output, self._prefixed(severity, "\n".join(lines)) + "\n")

    def _put(self, file: LineFile, text: str) -> None:
        with suppress(*_LOST):
            file.write(text)
            file.flush()

    def _prefixed(self, severity: int, text: str) -> str:
        if not self._for_journal:
            return text
        prefix = f"<{severity}>"
        return prefix + text.replace("\n", "\n" + prefix)
