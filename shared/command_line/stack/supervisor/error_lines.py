"""The errors among what a program writes, copied to the one file of errors of a local stack."""

from __future__ import annotations

import re
from typing import Protocol

from shared.runtime.logs import now_shown

# A line of our log at level error or above, for people or as JSON; or a traceback that Python itself wrote.
_ERROR = re.compile(rb'\d{4}-\d\d-\d\dT\S+Z (?:error|critical) |\{"time": "[^"]*", "level": "(?:error|critical)"')
_TRACEBACK = b"Traceback (most recent call last):"
_SUSPECT = re.compile(rb"Z error |Z critical |\"level\": \"(?:error|critical)\"|Traceback \(most")
LONGEST_LINE = 256 * 1024  # what follows of a longer one is not looked at: it is no line of ours


class Log(Protocol):
    """The file of errors."""

    def write(self, text: str) -> None: ...


class ErrorLines:
    """Of one run of a program. Lines that begin with blanks belong to the error before them."""

    def __init__(self, program: str, log: Log) -> None:
        self._program = program
        self._log = log
        self._begun = b""  # a line whose end has not come yet
        self._inside = False  # an error's traceback goes on
        self._in_python = False  # a traceback by Python itself, which ends with a line that is not indented

    def feed(self, data: bytes) -> None:
        """The next octets that the program wrote."""
        if not self._inside and not self._begun and data.endswith(b"\n") and not _SUSPECT.search(data):
            return  # nearly always
        lines = (self._begun + data).split(b"\n")
        self._begun = lines.pop()[:LONGEST_LINE]
        errors = [text for line in lines if (text := self._error(line)) is not None]
        if errors:
            self._log.write("".join(errors))

    def _error(self, line: bytes) -> str | None:
        if _ERROR.match(line):
            self._inside, self._in_python = True, False
        elif line == _TRACEBACK:
            self._inside = self._in_python = True
            line = f"{now_shown()} critical {self._program} ".encode() + line
        elif self._in_python and not line.startswith(b" "):
            self._inside = self._in_python = False
            line = b"    " + line
        elif not (self._inside and line.startswith(b" ")):
            self._inside = False
            return None
        elif self._in_python:
            line = b"    " + line
        return line.decode("utf-8", "backslashreplace") + "\n"
