"""The routes of the faces for programs: /RPC2, /SOAP, /api."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.wiki.calls.caller import Caller
from services.wiki.calls.open import call_parts
from services.wiki.calls.parts import CallParts
from services.wiki.faces import Faces
from services.wiki.parts import WikiParts
from services.wiki.rest.answer import DOOR as REST
from services.wiki.rest.answer import RestRequest
from services.wiki.rest.api_page import describe
from services.wiki.rest.cors import cors_fields, preflight_fields
from services.wiki.rest.endpoint import API
from services.wiki.rest.table import ENDPOINTS
from services.wiki.site.answer import TEXT, Answer, moved, text_answer
from services.wiki.site.errors import CrossSite, MethodNotHere
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.soap.answer import DOOR as SOAP
from services.wiki.visitor import check_csrf, visitor_of
from services.wiki.xmlrpc.answer import DOOR as XML_RPC
from shared.runtime.async_page import WebAnswer

ALL = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DOKUWIKI = "/lib/exe/xmlrpc.php"  # where its clients ask, whatever wiki they are for
WSDL_HINT = "SOAP is sent here by POST; /SOAP?wsdl describes it.\n"


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """The paths of the faces for programs."""
    calls = call_parts(parts)
    faces = Faces(calls, parts.settings.rest_requests)

    async def rpc(_parts: WikiParts, request: WebRequest) -> Answer:
        _only(request, b"POST")
        return _answer(await faces.rpc(_caller_of(parts, calls, request, XML_RPC), request.body()))

    async def soap(_parts: WikiParts, request: WebRequest) -> Answer:
        _only(request, b"GET", b"HEAD", b"POST")
        if request.method == b"POST":
            return _answer(await faces.soap(_caller_of(parts, calls, request, SOAP), request.body()))
        if "wsdl" not in {name.lower() for name in request.query} and not request.uri.lower().endswith(b"?wsdl"):
            return text_answer(WSDL_HINT)
        return _answer(faces.wsdl(own_url(parts, request) + "/SOAP"))

    def _cross(request: WebRequest, answer: Answer) -> Answer:
        fields = cors_fields(parts.settings.web_cors_origins, request.getHeader(b"origin"))
        vary = b", ".join(each[b"vary"] for each in (answer.fields, fields) if b"vary" in each)
        return answer._replace(fields={**answer.fields, **fields, **({b"vary": vary} if vary else {})})

    async def rest(_parts: WikiParts, request: WebRequest, rest: str = "") -> Answer:
        if request.method == b"OPTIONS" and request.getHeader(b"access-control-request-method") is not None:
            fields = preflight_fields(parts.settings.web_cors_origins, request.getHeader(b"origin"))
            return Answer(204, b"", TEXT, fields, cache=b"no-store")
        asked = RestRequest(
            request.method.decode("ascii", "replace"),
            request.path.removeprefix(API.encode()),
            request.query,
            lambda name: _field(request, name),
            request.body(),
        )
        return _cross(request, _answer(await faces.rest(_caller_of(parts, calls, request, REST), asked)))

    async def openapi(_parts: WikiParts, request: WebRequest) -> Answer:
        _only(request, b"GET", b"HEAD")
        return _cross(request, _answer(faces.openapi()))

    async def describe_api(_parts: WikiParts, request: WebRequest) -> Answer:
        visitor = await visitor_of(parts, request)
        return render(parts, visitor, "api/api.html", url=own_url(parts, request), then_path="/api", **described)

    async def lead_to_description(_parts: WikiParts, _request: WebRequest) -> Answer:
        return moved("/api")

    described = describe(ENDPOINTS)
    route(app, parts, "/api", describe_api)
    route(app, parts, "/api/", lead_to_description)
    route(app, parts, "/RPC2", rpc, *ALL)
    route(app, parts, DOKUWIKI, rpc, "POST")
    route(app, parts, "/SOAP", soap, *ALL)
    route(app, parts, "/api/openapi.json", openapi, *ALL)
    route(app, parts, f"{API}/<path:rest>", rest, *ALL)


def own_url(parts: WikiParts, request: WebRequest) -> str:
    """The site's address without a path: as the operator has set it, else as the client has it."""
    if parts.settings.web_url:
        return parts.settings.web_url.rstrip("/")
    scheme = "https" if request.secure else "http"
    host = (request.getHeader(b"host") or b"localhost").decode("ascii", "replace")
    return f"{scheme}://{host}"


def _caller_of(parts: WikiParts, calls: CallParts, request: WebRequest, door: str) -> Callable[[], Awaitable[Caller]]:
    async def caller() -> Caller:
        visitor = await visitor_of(parts, request)
        if visitor.session is not None and request.method not in (b"GET", b"HEAD"):
            if request.getHeader(b"x-csrf-token") is None:
                raise CrossSite  # the token is in no form here
            await check_csrf(visitor, request)
        return Caller(calls, visitor.account, visitor.host, door)

    return caller


def _only(request: WebRequest, *methods: bytes) -> None:
    if request.method not in methods:
        raise MethodNotHere(tuple(method.decode() for method in methods))


def _field(request: WebRequest, name: str) -> str | None:
    value = request.getHeader(name.encode())
    return None if value is None else value.decode("latin-1")


def _answer(answer: WebAnswer) -> Answer:
    return Answer(answer.status, answer.body, answer.content_type, answer.fields, cache=b"private, no-cache")
