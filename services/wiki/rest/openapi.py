"""The OpenAPI 3.1 document, made from the table of endpoints and the kinds that they take and give."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from services.wiki.rest.endpoint import API, JSON, Endpoint, Query
from services.wiki.rest.problem import PROBLEM, PROBLEM_SCHEMA
from services.wiki.rest.schema import component_of, records_in, schema_of

_USUAL = (400, 401, 404, 405, 406, 429, 500, 503)  # any endpoint may have these problems
ABOUT_VARIABLES = {
    "name": "The page's name; a slash in it is written %2F.",
    "file": "The attachment's name.",
    "revision": "The number of a revision, from 1.",
    "room": "The room's name.",
    "number": "The message's number in its room.",
    "feed": "The feed's number.",
}
_NUMBERS = ("revision", "number", "feed")


def openapi(endpoints: Sequence[Endpoint], version: str) -> dict[str, Any]:
    """The document; `version` is Agora's."""
    records = {name: component_of(record) for name, record in records_of(endpoints).items()}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(API + endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Agora", "version": version, "summary": "Pages, rooms and messages of a community."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**records, "Problem": dict(PROBLEM_SCHEMA)},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "Name and password, or an app password."},
                "bearer": {"type": "http", "scheme": "bearer", "description": "An app password for web."},
            },
        },
    }


def records_of(endpoints: Sequence[Endpoint]) -> Mapping[str, Any]:
    """The NamedTuples that the endpoints take and give, by name."""
    return {
        record.__name__: record
        for endpoint in endpoints
        for kind in (endpoint.answer, endpoint.body)
        if kind is not None
        for record in records_in(kind)
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    signed_in: list[dict[str, list[str]]] = [{"basic": []}, {"bearer": []}]
    operation: dict[str, Any] = {
        "operationId": endpoint.operation,
        "summary": endpoint.about,
        "parameters": [*_variables(endpoint), *map(_query, endpoint.queries), *_fields(endpoint)],
        "responses": _responses(endpoint),
        "security": signed_in if endpoint.signed_in else [{}, *signed_in],
    }
    content: dict[str, Any] = {media: {} for media in endpoint.bodies}
    if endpoint.body is not None:
        content[JSON] = {"schema": schema_of(endpoint.body)}
    if content:
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _variables(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = re.findall(r"{(\w+)}", endpoint.path)
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": ABOUT_VARIABLES[name],
            "schema": {"type": "integer", "minimum": 1} if name in _NUMBERS else {"type": "string", "minLength": 1},
        }
        for name in found
    ]


def _query(query: Query) -> dict[str, Any]:
    schema = schema_of(query.kind)
    bounds = {"minimum": query.least, "maximum": query.most, "default": query.default}
    schema.update({name: value for name, value in bounds.items() if value is not None})
    return {"name": query.name, "in": "query", "description": query.about, "schema": schema}


def _fields(endpoint: Endpoint) -> list[dict[str, Any]]:
    fields = []
    if endpoint.conditions:
        fields += [
            ("If-Match", 'Do it only if this is the newest revision: "7".'),
            ("If-None-Match", "*: do it only if there is no such page."),
        ]
    if endpoint.idempotency:
        fields.append(("Idempotency-Key", "The same key again has the same answer, and posts nothing again."))
    return [
        {"name": name, "in": "header", "description": about, "schema": {"type": "string"}} for name, about in fields
    ]


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in endpoint.statuses:
        content: dict[str, Any] = {media: {} for media in endpoint.media}
        if endpoint.answer is not None:
            content[JSON] = {"schema": schema_of(endpoint.answer)}
        responses[str(status)] = {"description": "Done.", **({"content": content} if content and status != 204 else {})}
    problem = {"content": {PROBLEM.decode(): {"schema": schema_of_problem()}}}
    for status in sorted({*_USUAL, *endpoint.problems}):
        responses[str(status)] = {"description": "A problem.", **problem}
    return responses


def schema_of_problem() -> dict[str, str]:
    """A reference to the component."""
    return {"$ref": "#/components/schemas/Problem"}
