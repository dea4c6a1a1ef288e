"""Problems (RFC 9457): every error of REST as application/problem+json, in words of ours."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from services.wiki.rest.json_text import write_json

PROBLEM = b"application/problem+json"


class Problem(NamedTuple):
    """What is wrong. `type` is `about:blank`: the status says which kind it is (RFC 9457 §4.2.1)."""

    status: int
    detail: str
    diff: str = ""  # of a conflict: from what is stored to what was sent
    revision: int | None = None  # of a conflict: the newest one


def write_problem(problem: Problem) -> bytes:
    """The document."""
    members: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.diff:
        members["diff"] = problem.diff
    if problem.revision is not None:
        members["revision"] = problem.revision
    return write_json(members)


PROBLEM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "A problem (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "diff": {"type": "string", "description": "Of a conflict: a unified diff."},
        "revision": {"type": "integer", "description": "Of a conflict: the newest revision."},
    },
    "required": ["type", "title", "status", "detail"],
}
