"""A file of articles, as mboxrd: a line "From …" before each, and one more ">" before lines that look like one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LOOKS_LIKE_ONE = re.compile(rb">*From ")
_DATE = b"date:"


def as_mboxrd(lines: Iterable[bytes]) -> bytes:
    """One article, with LF at its lines' ends and an empty line behind it."""
    lines = list(lines)
    quoted = [b">" + line if _LOOKS_LIKE_ONE.match(line) else line for line in lines]
    return b"\n".join([f"From news {_sent_at(lines):%a %b %e %H:%M:%S %Y}".encode(), *quoted, b"", b""])


def _sent_at(lines: Iterable[bytes]) -> datetime:
    for line in lines:
        if not line:
            break
        if line[: len(_DATE)].lower() == _DATE:
            try:
                return parsedate_to_datetime(line[len(_DATE) :].decode("ascii", "replace")).astimezone(UTC)
            except (ValueError, TypeError, OverflowError):
                break
    return datetime.fromtimestamp(0, UTC)
