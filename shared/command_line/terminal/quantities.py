"""Amounts as people write them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

UNITS = {"B": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40}
LENGTH = re.compile(r"(\d{1,6})\s*([smh])", re.IGNORECASE)
SECONDS = {"s": 1, "m": 60, "h": 3600}
AMOUNT = re.compile(r"(\d+)\s*([KMGT]iB|B)?", re.IGNORECASE)


class OctetsType(click.ParamType[Any]):
    """`500MiB`, `2GiB`, a plain number of octets, or `none`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int | None:
        if not isinstance(value, str):
            return int(value)
        if value.lower() == "none":
            return None
        match = AMOUNT.fullmatch(value.strip())
        if match is None:
            self.fail(f"{value!r} is not a size: write 500MiB, 2GiB, a number of octets, or none", param, context)
        return int(match[1]) * UNITS[(match[2] or "B").upper()]


OCTETS = OctetsType()


class DurationType(click.ParamType[Any]):
    """`90s`, `5m`, `1h`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = LENGTH.fullmatch(value.strip())
        if match is None:
            self.fail(f"{value!r} is not a length of time: write 90s, 5m or 1h", param, context)
        return timedelta(seconds=int(match[1]) * SECONDS[match[2].lower()])


DURATION = DurationType()


def counted(number: int, noun: str) -> str:
    """`1 account`, `2 accounts`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
