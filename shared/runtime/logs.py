"""The lines of log events: JSON for programs or plain text for people.

Text from outside cannot start a line of its own: control characters are escaped. A traceback on the console is the
one thing that takes several lines; all but the first are indented.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

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

from shared.activity.events import Event as Happening
from shared.activity.line import as_fields, as_json, as_text
from shared.activity.record import Timed, Writer, flush, write_with
from shared.runtime.log_writer import LineFile, LogWriter
from shared.runtime.settings import LogFormat

LONGEST_FIELD = 1000  # characters: a field names something, it does not quote a message
_LEVELS = {logging.CRITICAL: LogLevel.critical, logging.ERROR: LogLevel.error, logging.WARNING: LogLevel.warn}
_SEVERITIES = {LogLevel.critical: 3, LogLevel.error: 3, LogLevel.warn: 4, LogLevel.info: 6, LogLevel.debug: 7}
_INFO = 6
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))} | {9: "\\t", 10: "\\n", 13: "\\r"}
Event = dict[str, Any]


def start_logging(
    service: str, form: LogFormat, least: str, output: LineFile | None = None, errors: LineFile | None = None
) -> None:
    """From now on write every event at `least` level or above to `output` (standard error if None).

    Errors go to `errors`, too. Python's own `logging` and warnings, which libraries use, become events.
    """
    writer = LogWriter(output or sys.stderr, errors, for_journal=output is None and _is_journal(sys.stderr))
    lines = _as_json if form is LogFormat.JSON else _as_text
    write_line: Any = _Observer(service, lines, writer)
    audible: Any = _Audible(least)
    observer: Any = FilteringLogObserver(write_line, [audible])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=False)
    if LogLevel.levelWithName(least) <= LogLevel.info:
        write_with(_happening_writer(service, form, writer))
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.setLevel(least.upper() if least != "warn" else "WARNING")
    root.addHandler(_ToTwisted())


def _is_journal(stream: Any) -> bool:
    """Whether systemd says that this very stream leads to its journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        state = os.fstat(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{state.st_dev}:{state.st_ino}"


def _happening_writer(service: str, form: LogFormat, writer: LogWriter) -> Writer:
    if form is LogFormat.JSON:

        def write_json(events: Sequence[Timed]) -> None:
            writer.write_together(_INFO, [_happening_as_json(service, *each) for each in events])

        return write_json

    middle = f" info  {service} "

    def write_text(events: Sequence[Timed]) -> None:
        writer.write_together(_INFO, [time_shown(seconds) + middle + as_text(event) for seconds, event in events])

    return write_text


def _happening_as_json(service: str, seconds: float, event: Happening) -> str:
    return as_json({"time": time_shown(seconds), "level": "info", "service": service, **as_fields(event)})


class _Observer:
    def __init__(self, service: str, lines: Callable[[str, Event], str], writer: LogWriter) -> None:
        self._service = service
        self._lines = lines
        self._writer = writer

    def __call__(self, event: Event) -> None:
        flush()  # what happened before is written before
        self._writer.write(_SEVERITIES[event.get("log_level") or LogLevel.info], self._lines(self._service, event))


@implementer(ILogFilterPredicate)
class _Audible:
    """Events at a level or above; what Twisted logs about its own ports and factories is left out."""

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
        "time": time_shown(event.get("log_time", 0)),
        "level": _level(event),
        "service": service,
        "logger": event.get("log_namespace", "-"),
        "message": formatEvent(event),
    }
    for name, value in event.items():
        if not name.startswith("log_") and name not in line and name != "text":
            line[name] = _plain(value)
    if "log_failure" in event:
        line["traceback"] = event["log_failure"].getTraceback()
    return as_json(line)


def _as_text(service: str, event: Event) -> str:
    message = formatEvent(event).translate(_ESCAPES)
    line = f"{time_shown(event.get('log_time', 0))} {_level(event):5} {service} {message}"
    if "log_failure" in event:
        traceback = event["log_failure"].getTraceback().strip()
        line += "".join(f"\n    {each.translate(_ESCAPES)}" for each in traceback.splitlines())
    return line


_second: tuple[int, str] = (0, "1970-01-01T00:00:00")
_MILLISECONDS = [f".{number:03d}Z" for number in range(1000)]  # formatting one takes longer than all the rest


def now_shown() -> str:
    """The time as lines show it."""
    return time_shown(time.time())


def time_shown(seconds: float) -> str:
    """The time in UTC with milliseconds; the date is worked out once a second."""
    global _second
    whole = int(seconds)
    if whole != _second[0]:
        _second = (whole, datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    return _second[1] + _MILLISECONDS[int((seconds - whole) * 1000)]


def _level(event: Event) -> str:
    level = event.get("log_level") or LogLevel.info
    return str(level.name)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    return str(value)[:LONGEST_FIELD]
