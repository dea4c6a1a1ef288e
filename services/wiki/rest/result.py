"""What a handler of REST is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.wiki.rest.endpoint import JSON


class RestAsked(NamedTuple):
    """A request: the variables of its path, its query by name, its JSON as the endpoint's kind, or its octets."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    octets: bytes
    media: str  # of the body, without parameters
    accept: str
    if_match: str | None
    if_none_match: str | None
    key: str | None  # Idempotency-Key


class Result(NamedTuple):
    """An answer: a value that becomes JSON, or octets of another type; neither with 204."""

    value: Any = None
    status: int = 200
    fields: Mapping[bytes, bytes] = {}
    octets: bytes | None = None
    media: str = JSON


def tag(revision: int) -> bytes:
    """The entity tag of a revision."""
    return b'"%d"' % revision
