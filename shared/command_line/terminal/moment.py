"""A moment as it is written on the command line: a date, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

_AGO = re.compile(r"([1-9]\d{0,4})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class MomentType(click.ParamType[Any]):
    """`2026-11-01`, `2026-11-01T12:30`, or `7d` ago. Without a zone it is this machine's time."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        if match := _AGO.fullmatch(text.lower()):
            return datetime.now(UTC) - int(match[1]) * _UNITS[match[2]]
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is no date: write 2026-11-01, 2026-11-01T12:30, or 7d for the last week", param, context
            )
