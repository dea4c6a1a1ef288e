"""The answer to a request under /api/v1: JSON, or a problem as RFC 9457 has it, whatever was sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from twisted.logger import Logger

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import SignInWanted
from services.wiki.calls.replies import UNEXPECTED, Reply, reply_to
from services.wiki.rest.endpoint import API, JSON, Endpoint, match, query_values
from services.wiki.rest.json_text import record_from, write_json
from services.wiki.rest.problem import PROBLEM, Problem, write_problem
from services.wiki.rest.rate import Rate
from services.wiki.rest.result import RestAsked, Result
from shared.errors import DomainError
from shared.ip_network import network_of
from shared.runtime.async_page import WebAnswer

DOOR = "rest"
CHALLENGE = b'Basic realm="Agora", charset="UTF-8"'
_log = Logger()


class RestRequest(NamedTuple):
    """A request as it came. `path` is what follows /api/v1, with its escapes."""

    method: str
    path: bytes
    query: Mapping[str, str]
    fields: Callable[[str], str | None]  # the value of a field by name
    octets: bytes


class RestRefused(Exception):
    """A problem that HTTP itself has a status for; with further fields."""

    def __init__(self, status: int, detail: str, fields: Mapping[bytes, bytes] = {}) -> None:
        super().__init__(detail)
        self.problem = Problem(status, detail)
        self.fields = fields


async def answer_rest(
    endpoints: Sequence[Endpoint], rate: Rate, caller_of: Callable[[], Awaitable[Caller]], request: RestRequest
) -> WebAnswer:
    """The answer. `caller_of` finds out who asks; what it raises is a problem like any other."""
    fields: dict[bytes, bytes] = {}
    try:
        caller = await caller_of()
        left = rate.count(caller.account.name if caller.account is not None else network_of(caller.host))
        fields.update(left.fields())
        if left.is_over:
            raise RestRefused(429, f"more than {left.most} requests in a minute")
        endpoint, path = _find(endpoints, request)
        if endpoint.signed_in and caller.account is None:
            raise SignInWanted
        result = await endpoint.run(caller, _asked(endpoint, path, request))
        return _written(request, result, fields)
    except RestRefused as refused:
        return _problem(refused.problem, {**fields, **refused.fields})
    except DomainError as error:
        return _refusal(reply_to(error), fields)
    except Exception:
        _log.failure("a request of REST failed: {method}", method=request.method)
        return _refusal(UNEXPECTED, fields)


def _find(endpoints: Sequence[Endpoint], request: RestRequest) -> tuple[Endpoint, Mapping[str, str]]:
    found, path = match(endpoints, request.path)
    if not found:
        raise RestRefused(404, "there is nothing at this path")
    method = "GET" if request.method == "HEAD" else request.method
    if method not in found:
        allowed = ", ".join(sorted({*found, *(("HEAD",) if "GET" in found else ())}))
        raise RestRefused(405, f"the methods here are {allowed}", {b"allow": allowed.encode()})
    return found[method], path


def _asked(endpoint: Endpoint, path: Mapping[str, str], request: RestRequest) -> RestAsked:
    accept = request.fields("accept") or "*/*"
    if not _accepts(accept, endpoint):
        raise RestRefused(406, f"the types here are {', '.join(_types(endpoint))}")
    media = (request.fields("content-type") or "").partition(";")[0].strip().lower()
    body: Any = None
    if endpoint.body is not None and media not in endpoint.bodies:
        if media not in (JSON, ""):
            raise RestRefused(415, f"the body must be {' or '.join((JSON, *endpoint.bodies))}")
        body = record_from(endpoint.body, request.octets)
    return RestAsked(
        path,
        query_values(endpoint, request.query),
        body,
        request.octets,
        media,
        accept,
        request.fields("if-match"),
        request.fields("if-none-match"),
        _key(request.fields("idempotency-key")) if endpoint.idempotency else None,
    )


def _types(endpoint: Endpoint) -> Sequence[str]:
    return (*((JSON,) if endpoint.answer is not None else ()), *endpoint.media)


def _accepts(accept: str, endpoint: Endpoint) -> bool:
    """Whether one of the types is wanted; without content, as 204, any is. `q=0` is taken for a wish, too."""
    types = _types(endpoint)
    wanted = {each.partition(";")[0].strip().lower() for each in accept.split(",")}
    kinds = {f"{each.partition('/')[0]}/*" for each in types}
    return not types or bool(wanted & {*types, *kinds, "*/*", "application/problem+json"})


def _key(value: str | None) -> str | None:
    """draft-ietf-httpapi-idempotency-key-header: a string in quotes; the quotes may be missing."""
    if value is None:
        return None
    key = value.strip().removeprefix('"').removesuffix('"')
    if not 0 < len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise RestRefused(400, "Idempotency-Key must be 1 to 255 visible ASCII characters")
    return key


def _written(request: RestRequest, result: Result, fields: Mapping[bytes, bytes]) -> WebAnswer:
    fields = {**fields, **result.fields}
    if result.status == 204:
        return WebAnswer(204, b"", b"", fields)
    if (entity := fields.get(b"etag")) is not None and request.method in ("GET", "HEAD"):
        fields = {**fields, b"vary": b"accept, authorization, cookie"}
        wanted = (request.fields("if-none-match") or "").encode()
        if entity in [each.strip().removeprefix(b"W/") for each in wanted.split(b",")]:
            return WebAnswer(304, b"", b"", fields)
    if result.octets is not None:
        return WebAnswer(result.status, result.media.encode(), result.octets, fields)
    value = result.value
    if (cursor := getattr(value, "next", None)) is not None and isinstance(cursor, str):
        path = API.encode() + request.path.replace(b">", b"%3E")
        fields = {**fields, b"link": b'<%b?cursor=%b>; rel="next"' % (path, cursor.encode())}  # RFC 8288
    return WebAnswer(result.status, JSON.encode(), write_json(value), fields)


def _refusal(reply: Reply, fields: Mapping[bytes, bytes]) -> WebAnswer:
    more: dict[bytes, bytes] = {}
    if reply.status == 401:
        more[b"www-authenticate"] = CHALLENGE
    if reply.retry_seconds is not None:
        more[b"retry-after"] = b"%d" % reply.retry_seconds
    if reply.revision is not None:
        more[b"etag"] = b'"%d"' % reply.revision
    return _problem(Problem(reply.status, reply.sentence, reply.diff, reply.revision), {**fields, **more})


def _problem(problem: Problem, fields: Mapping[bytes, bytes]) -> WebAnswer:
    return WebAnswer(problem.status, PROBLEM, write_problem(problem), fields)
