"""JSON in and out: values of our kinds, within the bounds that a stranger's document needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, get_type_hints

from services.wiki.calls.errors import Unreadable, WrongArguments
from services.wiki.calls.kinds import fitted, is_record, members_of, name_of, without_none

Record = TypeVar("Record")


def parse_json(octets: bytes) -> Any:
    """The document. Raises Unreadable, also for what is nested deeper than Python reads."""
    try:
        return json.loads(octets.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Unreadable("the body is not JSON in UTF-8, or nested too deeply") from None


def record_from(kind: type[Record], octets: bytes) -> Record:
    """The body as a NamedTuple. Raises Unreadable, WrongArguments."""
    members = parse_json(octets)
    if not isinstance(members, dict):
        raise WrongArguments("the body must be a JSON object")
    hints = get_type_hints(kind)
    if unknown := members.keys() - hints.keys():
        raise WrongArguments(f"{len(unknown)} of the members are unknown; known are {', '.join(hints)}")
    defaults: Mapping[str, Any] = kind._field_defaults  # type: ignore[attr-defined]
    values = {}
    for name, hint in hints.items():
        value = members.get(name)
        if value is None:
            if name not in defaults:
                raise WrongArguments(f"{name} is missing")
            continue
        bare = without_none(hint)
        try:
            values[name] = value if _is_json(value, bare) else _refuse()
            values[name] = fitted(bare, value)
        except ValueError:
            raise WrongArguments(f"{name} must be {name_of(bare)}") from None
    return kind(**values)


def to_json(value: Any) -> Any:
    """A value of ours as `json.dumps` takes it."""
    match value:
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case tuple() if is_record(type(value)):
            return {name: to_json(each) for name, each in members_of(value).items()}
        case str():
            return value
        case Mapping():
            return {name: to_json(each) for name, each in value.items()}
        case Sequence():
            return [to_json(each) for each in value]
    return value


def write_json(value: Any) -> bytes:
    """The document, with a line end."""
    return json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _is_json(value: Any, kind: Any) -> bool:
    """JSON has booleans of its own: 0 and 1 are none, and a number is no time."""
    if kind is bool:
        return isinstance(value, bool)
    return kind is not datetime


def _refuse() -> Any:
    raise ValueError


def _no_constant(_name: str) -> Any:
    raise ValueError
