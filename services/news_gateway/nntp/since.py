"""The moment in NEWGROUPS and NEWNEWS (RFC 3977 §7.3.2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_CENTURY = 100


def read_since(date: bytes, time: bytes, now: datetime) -> datetime | None:
    """`yyyymmdd` or `yymmdd`, and `hhmmss`; None for what is no moment.

    Of two digits the year is in this century if it has come already, else in the last one. The time is UTC whether GMT
    follows or not: the server's own zone, which RFC 3977 takes otherwise, is nothing that its clients know.
    """
    if len(date) not in (6, 8) or len(time) != 6 or not (date + time).isdigit():
        return None
    year = int(date[:-4])
    if len(date) == 6:
        year += now.year - now.year % _CENTURY
        if year > now.year:
            year -= _CENTURY
    second = int(time[4:])
    if second > 60:  # 60 is a leap second, which this calendar does not have
        return None
    try:
        moment = datetime(year, int(date[-4:-2]), int(date[-2:]), int(time[:2]), int(time[2:4]), tzinfo=UTC)
        return moment + timedelta(seconds=second)
    except (ValueError, OverflowError):
        return None
