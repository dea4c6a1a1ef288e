"""JSON Schema of the kinds that requests and answers are made of (2020-12, as OpenAPI 3.1 has it)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, get_origin, get_type_hints

from services.wiki.calls.kinds import is_record, item_of, without_none

_SCALARS: Mapping[Any, Mapping[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "format": "int64"},
    datetime: {"type": "string", "format": "date-time"},
}
COMPONENTS = "#/components/schemas/"


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema; of a NamedTuple a reference to the component of its name."""
    bare = without_none(kind)
    if bare is not kind:
        inner = schema_of(bare)
        return {**inner, "type": [inner["type"], "null"]} if "type" in inner else {"anyOf": [inner, {"type": "null"}]}
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if (item := item_of(kind)) is not None:
        return {"type": "array", "items": schema_of(item)}
    if is_record(kind):
        return {"$ref": COMPONENTS + kind.__name__}
    if get_origin(kind) is Mapping:
        return {"type": "object"}
    raise TypeError(kind)


def component_of(record: Any) -> dict[str, Any]:
    """The schema of a NamedTuple: its docstring, and its fields; those without default are required."""
    properties = {name: schema_of(kind) for name, kind in get_type_hints(record).items()}
    required = [name for name in properties if name not in record._field_defaults]
    for name, default in record._field_defaults.items():
        if default is None or isinstance(default, str | int):
            properties[name]["default"] = default
    component = {
        "type": "object",
        "description": inspect.cleandoc(record.__doc__ or ""),
        "properties": properties,
        "additionalProperties": False,
    }
    return {**component, "required": required} if required else component


def records_in(kind: Any) -> Iterator[Any]:
    """The NamedTuples that a kind is made of."""
    bare = without_none(kind)
    if (item := item_of(bare)) is not None:
        yield from records_in(item)
    elif is_record(bare):
        yield bare
        for each in get_type_hints(bare).values():
            yield from records_in(each)
