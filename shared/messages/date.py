"""IMAP's date-time: how INTERNALDATE is written and what APPEND may bring (RFC 3501 §9, date-time)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = {name.lower().encode(): number for number, name in enumerate(_MONTHS, 1)}
_DATE_TIME = re.compile(
    rb"([ 0-9]?[0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"
)


def render_internal_date(moment: datetime) -> bytes:
    """An aware `moment` as a quoted date-time in UTC: "17-Jul-1996 02:44:25 +0000"."""
    moment = moment.astimezone(UTC)
    month = _MONTHS[moment.month - 1]
    clock = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    return f'"{moment.day:02}-{month}-{moment.year:04} {clock} +0000"'.encode()


def read_internal_date(text: bytes) -> datetime | None:
    """The moment that a date-time (without its quotes) names; None if it names none."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        local = datetime(int(year), _NUMBERS[month.lower()], int(day), int(hour), int(minute), int(second), tzinfo=zone)
        return local.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
