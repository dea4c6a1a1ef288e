"""The description of REST for people: a page made from the same table as the OpenAPI document."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, get_type_hints

from services.wiki.calls.kinds import is_record, item_of, without_none
from services.wiki.rest.endpoint import API, JSON, Endpoint, Query
from services.wiki.rest.openapi import ABOUT_VARIABLES, records_of

_VARIABLE = re.compile(r"{(\w+)}")
_KINDS = {str: "text", bool: "true or false", int: "number"}


class ParameterLine(NamedTuple):
    """A variable of the path, or a value of the query."""

    name: str
    place: str
    about: str


class Described(NamedTuple):
    """An endpoint; `body` and `answer` are names of records, or media types."""

    method: str
    path: str
    operation: str
    about: str
    signed_in: bool
    parameters: Sequence[ParameterLine]
    body: str
    answer: str
    statuses: str


class RecordField(NamedTuple):
    """A member of a record; `record` is the one that it is made of, if any."""

    name: str
    kind: str
    record: str
    needed: bool


class Record(NamedTuple):
    """A kind of JSON object."""

    name: str
    about: str
    fields: Sequence[RecordField]


def describe(endpoints: Sequence[Endpoint]) -> Mapping[str, Any]:
    """What the template shows: `groups` by the first segment of the path, and `records` by name."""
    ordered = sorted(endpoints, key=lambda endpoint: endpoint.segments[0])
    groups = [
        (subject, [_described(endpoint) for endpoint in group])
        for subject, group in groupby(ordered, key=lambda endpoint: endpoint.segments[0])
    ]
    records = records_of(endpoints)
    return {"groups": groups, "records": [_record(records[name]) for name in sorted(records)]}


def _described(endpoint: Endpoint) -> Described:
    variables = [ParameterLine(name, "path", ABOUT_VARIABLES[name]) for name in _VARIABLE.findall(endpoint.path)]
    return Described(
        endpoint.method,
        API + endpoint.path,
        endpoint.operation,
        endpoint.about,
        endpoint.signed_in,
        [*variables, *map(_query, endpoint.queries)],
        _named(endpoint.body, endpoint.bodies),
        _named(endpoint.answer, endpoint.media),
        ", ".join(map(str, endpoint.statuses)),
    )


def _query(query: Query) -> ParameterLine:
    return ParameterLine(query.name, "query", query.about)


def _named(kind: Any, media: Sequence[str]) -> str:
    names = [f"{kind.__name__} as {JSON}"] if kind is not None else []
    return " or ".join([*names, *media])


def _record(record: Any) -> Record:
    fields = [_field(name, kind, name not in record._field_defaults) for name, kind in get_type_hints(record).items()]
    return Record(record.__name__, inspect.cleandoc(record.__doc__ or ""), fields)


def _field(name: str, kind: Any, needed: bool) -> RecordField:
    bare = without_none(kind)
    many = item_of(bare)
    inner = bare if many is None else many
    record = inner.__name__ if is_record(inner) else ""
    words = _KINDS.get(inner) or record or getattr(inner, "__name__", "object").replace("datetime", "time")
    return RecordField(name, f"list of {words}" if many is not None else words, record, needed)
