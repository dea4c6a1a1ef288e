"""The kinds of arguments and results: the Python types that a method's signature names, and what fits them."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Union, get_args, get_origin

LARGEST_INTEGER = (1 << 63) - 1  # what PostgreSQL's bigint and a SOAP xsd:long hold


def without_none(kind: Any) -> Any:
    """`int` for `int | None`."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(each for each in get_args(kind) if each is not type(None))
    return kind


def is_record(kind: Any) -> bool:
    """Whether it is a NamedTuple, whose fields are named on the wire."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def members_of(record: Any) -> dict[str, Any]:
    """The fields of a NamedTuple by name."""
    members: dict[str, Any] = record._asdict()
    return members


def item_of(kind: Any) -> Any:
    """The kind of the items of a `Sequence`; None if it is none."""
    return get_args(kind)[0] if get_origin(kind) is Sequence else None


def fitted(kind: Any, value: Any) -> Any:
    """`value` as a `kind`, with the little that protocols write differently made equal. Raises ValueError.

    Text may come as octets of UTF-8, a boolean as 0 or 1, a time as seconds since 1970 (DokuWiki's clients).
    """
    if kind is str:
        return _text(value)
    if kind is bool and value in (0, 1):
        return bool(value)
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER:
        return value
    if kind is bytes and isinstance(value, bytes):
        return value
    if kind is datetime:
        return _time(value)
    if kind is Mapping or get_origin(kind) is Mapping:
        if isinstance(value, Mapping):
            return value
        if value == []:  # PHP has one kind of empty array
            return {}
    if item_of(kind) is not None and isinstance(value, list | tuple):
        item = item_of(kind)
        return value if item is Any else [fitted(item, each) for each in value]
    if kind is Any:
        return value
    raise ValueError


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode()  # UnicodeDecodeError is a ValueError
    if not isinstance(value, str):
        raise ValueError
    value.encode()  # half of a surrogate pair is no text
    return value


def _time(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 253_402_300_799:  # year 9999
        raise ValueError
    return datetime.fromtimestamp(value, UTC)


NAMES: Mapping[Any, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    bytes: "octets",
    datetime: "a time",
    Mapping: "a struct",
}


def name_of(kind: Any) -> str:
    """The kind in words, for a sentence."""
    return NAMES.get(kind) or NAMES.get(get_origin(kind)) or "an array"
