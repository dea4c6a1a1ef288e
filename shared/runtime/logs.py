"""Where log events go and how they look: one line each, JSON for programs or plain text for people.

Text from outside cannot start a line of its own: control characters are escaped. A traceback on the console is the
one thing that takes several lines; all but the first are indented.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from twisted.logger import (
    FilteringLogObserver,
    ILogFilterPredicate,
    Logger,
    LogLevel,
    PredicateResult,
    formatEvent,
    globalLogBeginner,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.runtime.settings import LogFormat

LONGEST_FIELD = 1000  # characters: a field names something, it does not quote a message
_LEVELS = {logging.CRITICAL: LogLevel.critical, logging.ERROR: LogLevel.error, logging.WARNING: LogLevel.warn}
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))} | {9: "\\t", 10: "\\n", 13: "\\r"}
Event = dict[str, Any]


class LineFile(Protocol):
    """Where lines go."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


def start_logging(service: str, form: LogFormat, least: str, output: LineFile | None = None) -> None:
    """From now on write every event at `least` level or above to `output` (standard error if None).

    Python's own `logging` and warnings, which libraries use, become events too.
    """
    lines = _as_json if form is LogFormat.JSON else _as_text
    writer: Any = _Writer(service, lines, output or sys.stderr)
    audible: Any = _Audible(least)
    observer: Any = FilteringLogObserver(writer, [audible])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=False)
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.setLevel(least.upper() if least != "warn" else "WARNING")
    root.addHandler(_ToTwisted())


class _Writer:
    def __init__(self, service: str, lines: Callable[[str, Event], str], output: LineFile) -> None:
        self._service = service
        self._lines = lines
        self._output = output

    def __call__(self, event: Event) -> None:
        try:
            self._output.write(self._lines(self._service, event) + "\n")
            self._output.flush()
        except (OSError, ValueError):  # a full disk or a closed terminal must not stop a service
            pass


@implementer(ILogFilterPredicate)
class _Audible:
    """Events at a level or above; what Twisted tells of its own ports and factories is left out."""

    def __init__(self, least: str) -> None:
        self._least = LogLevel.levelWithName(least)

    def __call__(self, event: Event) -> Any:
        level = event.get("log_level") or LogLevel.info
        is_chatter = level < LogLevel.warn and str(event.get("log_namespace")).startswith(("twisted.", "log_legacy"))
        return PredicateResult.no if is_chatter or level < self._least else PredicateResult.yes


class _ToTwisted(logging.Handler):
    """Carries a record of Python's `logging` over."""

    def emit(self, record: logging.LogRecord) -> None:
        level = _LEVELS.get(record.levelno, LogLevel.info if record.levelno >= logging.INFO else LogLevel.debug)
        fields: Event = {"text": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            fields["log_failure"] = Failure(record.exc_info[1])
        Logger(namespace=record.name).emit(level, "{text}", **fields)


def _as_json(service: str, event: Event) -> str:
    line: Event = {
        "time": _time(event),
        "level": _level(event),
        "service": service,
        "from": event.get("log_namespace", "-"),
        "message": formatEvent(event),
    }
    for name, value in event.items():
        if not name.startswith("log_") and name not in line and name != "text":
            line[name] = _plain(value)
    if "log_failure" in event:
        line["traceback"] = event["log_failure"].getTraceback()
    return json.dumps(line, ensure_ascii=False)


def _as_text(service: str, event: Event) -> str:
    message = formatEvent(event).translate(_ESCAPES)
    line = f"{_time(event)} {_level(event):5} {service} {message}"
    if "log_failure" in event:
        traceback = event["log_failure"].getTraceback().strip()
        line += "".join(f"\n    {each.translate(_ESCAPES)}" for each in traceback.splitlines())
    return line


def _time(event: Event) -> str:
    at = datetime.fromtimestamp(event.get("log_time", 0), UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _level(event: Event) -> str:
    level = event.get("log_level") or LogLevel.info
    return str(level.name)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    return str(value)[:LONGEST_FIELD]
