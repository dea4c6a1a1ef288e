"""Dates as people read them: relative up to a week, then the day, then with the year; the exact one is the title."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from markupsafe import Markup

_DAY = timedelta(days=1)
_WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def time_element(when: datetime, now: datetime) -> Markup:
    """`<time>` with the date in words."""
    return _element(when, in_words(when, now))


def clock_element(when: datetime) -> Markup:
    """`<time>` with hour and minute, under the heading of its day."""
    return _element(when, f"{when.astimezone(UTC):%H:%M}")


def day_in_words(when: datetime, now: datetime) -> str:
    """Today, Yesterday, 19 November, or with the year."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    if when.date() == now.date():
        return "Today"
    if when.date() == (now - _DAY).date():
        return "Yesterday"
    return _day(when, now)


def in_words(when: datetime, now: datetime) -> str:
    """`4 minutes ago`, `yesterday`, `3 days ago`, `19 November`, `19 November 2023`."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    seconds = int((now - when).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return _counted(seconds // 60, "minute")
    if when.date() == now.date() or seconds < 6 * 3600:
        return _counted(seconds // 3600, "hour")
    days = (now.date() - when.date()).days
    if days == 1:
        return "yesterday"
    if days <= 7:
        return _counted(days, "day")
    return _day(when, now)


def ahead_element(when: datetime, now: datetime) -> Markup:
    """`<time>` of what is to come, in words."""
    return _element(when, ahead_in_words(when, now))


def ahead_in_words(when: datetime, now: datetime) -> str:
    """`now`, `in 5 minutes`, `in 3 hours`, `in 2 days`, rounded up: it is no later."""
    minutes = -int((now - when).total_seconds() // 60)
    if minutes <= 0:
        return "now"
    if minutes < 60:
        return f"in {_number_of(minutes, 'minute')}"
    hours = -(-minutes // 60)
    if hours < 48:
        return f"in {_number_of(hours, 'hour')}"
    return f"in {_number_of(-(-hours // 24), 'day')}"


def _element(when: datetime, words: str) -> Markup:
    exact = when.astimezone(UTC)
    title = f"{_WEEK_DAYS[exact.weekday()]} {exact.day} {_MONTHS[exact.month - 1]} {exact.year}, {exact:%H:%M} UTC"
    return Markup(f'<time datetime="{exact:%Y-%m-%dT%H:%M:%SZ}" title="{title}">{words}</time>')  # nothing to escape


def _day(when: datetime, now: datetime) -> str:
    text = f"{when.day} {_MONTHS[when.month - 1]}"
    return text if when.year == now.year else f"{text} {when.year}"


def _counted(number: int, what: str) -> str:
    return f"{_number_of(number, what)} ago"


def _number_of(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
