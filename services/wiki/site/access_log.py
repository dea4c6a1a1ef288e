"""The access log in the Combined Log Format (httpd.apache.org/docs/2.4/logs.html#combined), off unless wanted.

Lines are written together, twice a second or 64 KiB at a time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from twisted.logger import Logger

from services.wiki.site.request import WebRequest
from shared.runtime.log_file import LogFile

GATHERED_SECONDS = 0.5  # as much is lost if the process is killed
GATHERED_CHARACTERS = 64 * 1024
LONGEST_FIELD = 1024  # characters
_UNSAFE = re.compile(r'[\x00-\x1f"\\\x7f-\xff]')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class WebAccessLog:
    """Writes to `file`."""

    _log = Logger()

    def __init__(self, file: LogFile, clock: Any) -> None:
        self._file = file
        self._clock = clock
        self._lines: list[str] = []
        self._characters = 0
        self._due: Any = None
        self._failed = False

    def note(self, request: WebRequest, status: int, octets: int) -> None:
        """The request is answered."""
        line = combined_line(request, status, octets, datetime.now(UTC))
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


def combined_line(request: WebRequest, status: int, octets: int, now: datetime) -> str:
    """Client, account, time, request line, status, octets of the body, referrer and browser, each made safe."""
    date = f"{now.day:02d}/{_MONTHS[now.month - 1]}/{now.year}:{now:%H:%M:%S} +0000"
    what = f"{_safe(request.method)} {_safe(request.uri)} {_safe(request.clientproto)}"
    referrer, agent = (_safe(request.getHeader(name) or b"-") for name in (b"referer", b"user-agent"))
    client = f"{request.peer_host or '-'} - {request.account_name}"
    return f'{client} [{date}] "{what}" {status} {octets} "{referrer}" "{agent}"\n'


def _safe(octets: bytes) -> str:
    """Controls, quotes, backslashes and what is not ASCII as `\\xHH`."""
    return _UNSAFE.sub(lambda match: f"\\x{ord(match[0]):02x}", octets[:LONGEST_FIELD].decode("latin-1"))
