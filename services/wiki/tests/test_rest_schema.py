"""REST is asked what its description allows, and what it does not: no answer is a bug, and all are as described."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.wiki.tests.lived_in import live_in
from services.wiki.tests.web import Web, basic

EXAMPLES = 10  # of each operation, allowed and not
ENOUGH_SECONDS = 15.0  # of each kind; then each operation is asked once, so that a busy machine leaves none out
# Whether a thing is there or may be done is not a matter of the description: 404, 403 and 409 are among the answers.
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip


@pytest.mark.parametrize("web", [{"rest_requests": 1_000_000}], indirect=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "forbidden"])
def test_every_answer_is_as_described(web: Web, mode: GenerationMode) -> None:
    live_in(web)
    description = json.loads(web.script().get("/api/openapi.json").body)
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=f"http://127.0.0.1:{web.port}")
    began = time.monotonic()
    asked: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(operation.as_strategy(mode))
        def ask(case: schemathesis.Case[Any]) -> None:
            if not asked[case.operation.label] or time.monotonic() - began < ENOUGH_SECONDS:
                asked[case.operation.label] += 1
                try:
                    case.call_and_validate(headers={"Authorization": basic("alice")}, checks=CHECKS)
                except FailureGroup as failures:
                    for failure in failures.exceptions:
                        wrong.setdefault(f"{case.operation.label}: {failure}", case.as_curl_command())

        with suppress(Unsatisfiable):  # nothing about it can be forbidden
            ask()
    assert not wrong, "\n\n".join(f"{what}\n{how}" for what, how in wrong.items())
    assert len(asked) > 3
