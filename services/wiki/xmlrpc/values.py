"""The scalar values of XML-RPC: their texts and what they mean."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from services.wiki.calls.errors import Unreadable

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?(?:Z|[+-]00:?00)?")


def _integer(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise Unreadable("an integer is not one of up to 19 digits")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("0", "1"):
        raise Unreadable("a boolean is neither 0 nor 1")
    return text == "1"


def _double(text: str) -> float:
    if _DOUBLE.fullmatch(text) is None:
        raise Unreadable("a double is no number")
    return float(text)


def _time(text: str) -> datetime:
    """The specification has no zones; a time is taken as UTC."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise Unreadable("a dateTime.iso8601 is not like 20261126T08:40:00")
    try:
        return datetime(*(int(part or 0) for part in match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        raise Unreadable("a dateTime.iso8601 is no date") from None


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("a base64 value is not base64") from None


def _nothing(_text: str) -> None:
    return None


def _stripped(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: read(text.strip())


READERS: Mapping[str, Callable[[str], Any]] = {
    "string": str,
    "int": _stripped(_integer),
    "i4": _stripped(_integer),
    "i8": _stripped(_integer),
    "boolean": _stripped(_boolean),
    "double": _stripped(_double),
    "dateTime.iso8601": _stripped(_time),
    "base64": _octets,
    "nil": _nothing,
}
