"""IMAP's two ways to write a date (RFC 3501 §9, date and date-time)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from services.mail_access.imap.grammar.bad_syntax import BadSyntax

_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_MONTH_NUMBER = {name: number for number, name in enumerate(_MONTHS, 1)}
_MONTH_NAMES = tuple(name.title() for name in _MONTHS)

_DATE = re.compile(rb"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
# The RFC wants a day of two characters and a zone of digits; phones send days of one digit, some clients the zone GMT.
_DATE_TIME = re.compile(
    rb" *(\d{1,2})-([A-Za-z]{3})-(\d{4}) +(\d\d):(\d\d):(\d\d) +(?:([+-])(\d\d)(\d\d)|GMT|UTC|UT|Z)", re.IGNORECASE
)


def parse_date(text: bytes) -> date:
    """`1-Feb-2024`. Raises BadSyntax."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise BadSyntax("a date is written 1-Feb-2024")
    day, month, year = match.groups()
    try:
        return date(int(year), _MONTH_NUMBER[month.lower()], int(day))
    except (KeyError, ValueError):
        raise BadSyntax("no such day") from None


def parse_date_time(text: bytes) -> datetime:
    """`" 1-Feb-2024 10:00:00 +0100"` without its quotes.

    Raises BadSyntax, also for a time whose year in UTC is below 1 or above 9999: the store keeps it in UTC, and a
    `datetime` could not hold it when it is read back.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise BadSyntax('a date-time is written " 1-Feb-2024 10:00:00 +0100"')
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    try:
        ahead = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
        zone = timezone(-ahead if sign == b"-" else ahead)
        when = datetime(
            int(year), _MONTH_NUMBER[month.lower()], int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone
        )  # :60 is a leap second, which datetime does not know
        when.astimezone(UTC)
        return when
    except (KeyError, ValueError, OverflowError):
        raise BadSyntax("no such time") from None


def render_date_time(when: datetime) -> bytes:
    """INTERNALDATE, quoted, in the zone of `when`."""
    ahead = (when.utcoffset() or timedelta(0)) // timedelta(minutes=1)
    hours, minutes = divmod(abs(ahead), 60)
    return b'"%2d-%b-%04d %02d:%02d:%02d %b%02d%02d"' % (
        when.day, _MONTH_NAMES[when.month - 1], when.year, when.hour, when.minute, when.second,
        b"-" if ahead < 0 else b"+", hours, minutes)  # fmt: skip
