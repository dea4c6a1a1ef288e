"""The OpenAPI document: sound by itself, and true of what is answered."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any, get_type_hints

import jsonschema  # type: ignore[import-untyped]
import pytest
import requests

from services.wiki.calls.tests.fixtures import PASSWORD
from services.wiki.calls.tests.site import Opened
from services.wiki.rest.endpoint import API
from services.wiki.rest.openapi import openapi
from services.wiki.rest.table import ENDPOINTS
from shared.rooms.create_room import create_room
from shared.testing.reactor import wait_for

DOCUMENT = openapi(ENDPOINTS, "1.0")
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def references_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for each in value.values():
            yield from references_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from references_in(each)


def test_every_endpoint_is_described_once() -> None:
    assert len(OPERATIONS) == len(ENDPOINTS) == len({(each.method, each.path) for each in ENDPOINTS})
    assert all(path.startswith(API) for path in DOCUMENT["paths"])
    json.dumps(DOCUMENT)


def test_references_lead_somewhere_and_schemas_are_schemas() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert {each.removeprefix("#/components/schemas/") for each in references_in(DOCUMENT)} == set(schemas)
    for name, schema in schemas.items():
        assert schema["description"], name
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=[each.operation for each in ENDPOINTS])
def test_endpoints_are_whole(endpoint: Any) -> None:
    assert endpoint.about.endswith(".")
    assert inspect.iscoroutinefunction(endpoint.run)
    assert get_type_hints(endpoint.run)["return"].__name__ == "Result"
    if endpoint.method in ("GET", "DELETE"):
        assert endpoint.body is None
    assert endpoint.answer is not None or endpoint.media or endpoint.statuses == (204,)


# An example of each operation that has an answer in JSON: path variables, query, body.
PAGE = {"name": "WikiHome"}
ROOM = {"room": "agora.tea"}
EXAMPLES: dict[str, tuple[dict[str, str], str, Any]] = {
    "listPages": ({}, "?limit=1", None),
    "readPage": (PAGE, "", None),
    "savePage": ({"name": "New"}, "", {"source": "x", "comment": "é", "minor": True}),
    "renderPage": (PAGE, "", None),
    "listRevisions": (PAGE, "?limit=1", None),
    "readRevision": (PAGE | {"revision": "1"}, "", None),
    "comparePage": (PAGE, "", None),
    "listAttachments": (PAGE, "", None),
    "putAttachment": (PAGE | {"file": "a.txt"}, "", None),
    "searchAll": ({}, "?q=wiki", None),
    "listNeededPages": ({}, "", None),
    "listBacklinks": (PAGE, "", None),
    "readAccount": ({}, "", None),
    "listRooms": ({}, "", None),
    "readRoom": (ROOM, "", None),
    "postMessage": (ROOM, "", {"subject": "a", "text": "b"}),
    "listMessages": (ROOM, "", None),
    "readMessage": (ROOM | {"number": "1"}, "", None),
    "changeMarks": (ROOM, "", {"flag": "seen", "numbers": [1]}),
    "readMarks": (ROOM, "", None),
    "renamePage": ({"name": "New"}, "", {"to": "Newer", "comment": "x"}),
    "addFeed": ({}, "", {"url": "https://feeds.example/x", "every_minutes": 30}),
    "listFeeds": ({}, "", None),
    "changeFeed": ({"feed": "1"}, "", {"url": "https://feeds.example/y"}),
}


def test_answers_are_as_the_document_says(faces: Opened) -> None:
    wait_for(lambda: faces.parts.database.transact(create_room, "agora.tea"))
    described = {name for name, (_, _, operation) in OPERATIONS.items() if _schemas_of(operation)}
    assert described - EXAMPLES.keys() == set()
    for name, (variables, query, body) in EXAMPLES.items():
        method, path, operation = OPERATIONS[name]
        url = faces.url(path.format(**variables) + query)
        who = "admin" if "feed" in name.lower() else "alice"
        answer = requests.request(method, url, json=body, auth=(who, PASSWORD), timeout=30)
        schema = _schemas_of(operation)[str(answer.status_code)]
        jsonschema.validate(answer.json(), {**schema, "components": DOCUMENT["components"]})
        if body is not None:
            wanted = operation["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(body, {**wanted, "components": DOCUMENT["components"]})


def test_problems_are_as_the_document_says(faces: Opened) -> None:
    for path in ("/pages/Missing", "/pages?limit=0", "/nothing"):
        answer = requests.get(faces.url(API + path), timeout=30)
        jsonschema.validate(answer.json(), DOCUMENT["components"]["schemas"]["Problem"])


def test_the_document_is_served(faces: Opened) -> None:
    assert requests.get(faces.url("/api/openapi.json"), timeout=30).json() == json.loads(json.dumps(DOCUMENT))


def _schemas_of(operation: Any) -> dict[str, Any]:
    return {
        status: response["content"]["application/json"]["schema"]
        for status, response in operation["responses"].items()
        if "application/json" in response.get("content", {})
    }
