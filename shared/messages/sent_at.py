"""The time at which a message says it was written: its Date as wall time there, for SENTBEFORE, SENTON, SENTSINCE."""

from __future__ import annotations

import re
from datetime import datetime

_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
# [day-name ","] day month year [hour ":" minute [":" second]] and a zone that does not matter here. Month names may
# be written out, "-" may stand for the blank, two-digit years count by RFC 5322 §4.3. Seconds may have a fraction.
_DATE = re.compile(
    rb"\s*+(?:[A-Za-z]++\s*+[,.]?\s*+)?([0-9]{1,2})[\s-]++([A-Za-z]{3})[A-Za-z]*+\.?[\s-]++([0-9]{2,4})(?![0-9])"
    rb"(?:,?\s++([0-9]{1,2})\s*+[:.]\s*+([0-9]{2})(?:\s*+[:.]\s*+([0-9]{2}))?)?"
)
# The C library's asctime, which broken programs send: Mon Jul  1 10:00:00 [zone] 2024
_ASCTIME = re.compile(
    rb"\s*+[A-Za-z]{3,9},?\s++([A-Za-z]{3})[a-z]*+\s++([0-9]{1,2}),?\s++([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    rb"(?:\s++[A-Z+-][A-Za-z0-9:]*+)?\s++([0-9]{4})"
)
_COMMENT = re.compile(rb"\([^()\\]*+(?:\\.[^()\\]*+)*\)", re.S)
_PARENTHESIS = ord("(")
_LONGEST_OCTETS = 512  # no date is longer; what is, is garbage and not worth reading


def read_sent_at(value: bytes | None) -> datetime | None:
    """The Date field's wall time without a zone (RFC 3501 §6.4.4: SENTON disregards it); None if it is no date."""
    if not value or len(value) > _LONGEST_OCTETS:
        return None
    match = _DATE.match(value)
    if match is None and _PARENTHESIS in value:
        match = _DATE.match(value := _COMMENT.sub(b" ", value))
    if match is not None:
        day, month, year, hour, minute, second = match.groups()
    elif (match := _ASCTIME.match(value)) is not None:
        month, day, hour, minute, second, year = match.groups()
    else:
        return None
    try:
        return datetime(
            _year(year), _MONTHS[month.lower()], int(day), int(hour or 0), int(minute or 0), min(int(second or 0), 59)
        )
    except (KeyError, ValueError):
        return None


def _year(digits: bytes) -> int:
    """RFC 5322 §4.3: two digits are 1950 to 2049, three are years since 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(digits) == 3 else year
