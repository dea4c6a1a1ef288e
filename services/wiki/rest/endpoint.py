"""An endpoint of REST: a line of the table that requests are matched with, and that OpenAPI is made from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from services.wiki.calls.errors import WrongArguments

API = "/api/v1"
JSON = "application/json"


class Query(NamedTuple):
    """A parameter of the query: a kind (`str`, `int` or `bool`), what it is for, and the bounds of a number."""

    name: str
    kind: Any
    about: str
    default: Any = None
    least: int | None = None
    most: int | None = None


class Endpoint(NamedTuple):
    """A method at a path, whose variables are in braces. `run` takes a Caller and a Request."""

    method: str
    path: str
    operation: str  # its name in OpenAPI, and in generated clients
    about: str
    run: Callable[..., Awaitable[Any]]
    answer: Any = None  # the kind of the JSON; None: no content, or `media`
    queries: Sequence[Query] = ()
    body: Any = None  # the kind of the JSON
    statuses: Sequence[int] = (200,)  # of success; the first is usual
    problems: Sequence[int] = ()  # beside those that any endpoint has
    media: Sequence[str] = ()  # other types of the answer
    bodies: Sequence[str] = ()  # other types of the body
    conditions: bool = False  # If-Match and If-None-Match are heeded
    idempotency: bool = False  # Idempotency-Key is heeded
    signed_in: bool = False  # strangers get 401

    @property
    def segments(self) -> Sequence[str]:
        return self.path.strip("/").split("/")


def match(endpoints: Sequence[Endpoint], path: bytes) -> tuple[Mapping[str, Endpoint], dict[str, str]]:
    """The endpoints at a path as it came, by method, and the variables in it. Raises WrongArguments.

    A slash in a variable is written %2F. Empty where nothing is.
    """
    try:
        segments = [unquote_to_bytes(each).decode() for each in path.strip(b"/").split(b"/")]
    except UnicodeDecodeError:
        raise WrongArguments("the path is not UTF-8") from None
    found: dict[str, Endpoint] = {}
    variables: dict[str, str] = {}
    for endpoint in endpoints:
        pairs = list(zip(endpoint.segments, segments, strict=False))
        if len(endpoint.segments) != len(segments) or not all(_fits(ours, theirs) for ours, theirs in pairs):
            continue
        found[endpoint.method] = endpoint
        variables = {ours[1:-1]: theirs for ours, theirs in pairs if ours.startswith("{")}
    return found, variables


def _fits(ours: str, theirs: str) -> bool:
    return bool(theirs) if ours.startswith("{") else ours == theirs


def query_values(endpoint: Endpoint, given: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of the query by name, each of its kind. Raises WrongArguments."""
    values: dict[str, Any] = {}
    for query in endpoint.queries:
        text = given.get(query.name)
        if text is None:
            values[query.name] = query.default
            continue
        try:
            values[query.name] = _value(query, text)
        except ValueError:
            raise WrongArguments(f"{query.name} is not as it must be: {query.about}") from None
    return values


def _value(query: Query, text: str) -> Any:
    if query.kind is int:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise ValueError
        number = int(text)
        if number < (query.least or 0) or (query.most is not None and number > query.most):
            raise ValueError
        return number
    if query.kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower()) or _refused_unless_false(text)
    return text


def _refused_unless_false(text: str) -> bool:
    if text.lower() not in ("false", "0"):
        raise ValueError
    return False
