"""The faces for programs on a web site of a test's own, where Basic signs in; and Perspective Broker beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from services.wiki.calls.caller import Caller
from services.wiki.calls.gathered_reads import GatheredReads
from services.wiki.calls.parts import CallParts
from services.wiki.faces import Faces
from services.wiki.pb.factory import PbFactory
from services.wiki.pb.root import RootObjects
from services.wiki.pb.sessions import PbSessions
from services.wiki.rest.answer import RestRequest
from shared.accounts.http_credentials import basic_credentials
from shared.accounts.revocation import Revocation
from shared.accounts.sign_in import SignIn
from shared.clock import utc_now
from shared.database.database import Database
from shared.events.bus import Bus
from shared.folders.body_cache import BodyCache
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.search.indexing import ArticleIndexing
from shared.runtime.async_page import AsyncPage, WebAnswer
from shared.testing.builders import DOMAIN, SignInSettings
from shared.testing.reactor import running_reactor, wait_for
from shared.wiki.known_pages import KnownPages
from shared.wiki.policy import WikiPolicy
from shared.wiki.renderer import Renderer
from shared.wiki.saving import PageSaving

MOST_REQUESTS = 10_000


class Opened(NamedTuple):
    """Where the faces are, and their parts."""

    parts: CallParts
    faces: Faces
    web_port: int
    pb_port: int

    def url(self, path: str = "", user: str = "", password: str = "") -> str:
        who = f"{user}:{password}@" if user else ""
        return f"http://{who}127.0.0.1:{self.web_port}{path}"


def call_parts(database: Database, bus: Bus, policy: WikiPolicy) -> CallParts:
    """The parts, on the running reactor."""
    reactor = running_reactor()
    directory = Directory(database, bus)
    renderer = Renderer(database, reactor)
    return CallParts(
        database=database,
        bus=bus,
        sign_in=SignIn(database, None, reactor, SignInSettings()),
        reads=GatheredReads(database),
        pages=KnownPages(database, bus),
        saving=PageSaving(database, renderer, policy),
        renderer=renderer,
        policy=policy,
        directory=directory,
        posting=Posting(database, reactor, directory, ServerNames("news.example.org", DOMAIN), utc_now),
        bodies=BodyCache(database, 1 << 20),
        indexing=ArticleIndexing(database),
        mail_domain=DOMAIN,
        site_name="Agora",
        now=utc_now,
    )


@contextmanager
def open_faces(
    database: Database, bus: Bus, policy: WikiPolicy, most_requests: int = MOST_REQUESTS
) -> Iterator[Opened]:
    """Both doors on free ports."""
    opened = wait_for(lambda: _open(database, bus, policy, most_requests))
    try:
        yield opened[0]
    finally:
        wait_for(lambda: _close(*opened))


async def _open(database: Database, bus: Bus, policy: WikiPolicy, most_requests: int) -> Any:
    parts = call_parts(database, bus, policy)
    faces = Faces(parts, most_requests)
    reactor = running_reactor()
    web = reactor.listenTCP(0, Site(_site(parts, faces)), interface="127.0.0.1")
    sessions = PbSessions(None)
    Revocation(database, sessions, stays=sessions.may_stay).watch(bus)
    pb_factory = PbFactory(reactor, RootObjects(parts, sessions, "pb").root_of)
    pb = reactor.listenTCP(0, pb_factory, interface="127.0.0.1")
    return Opened(parts, faces, web.getHost().port, pb.getHost().port), web, pb


async def _close(opened: Opened, web: Any, pb: Any) -> None:
    await web.stopListening()
    await pb.stopListening()
    await opened.parts.posting.close()
    await opened.parts.saving.close()
    await opened.parts.renderer.close()
    opened.parts.pages.close()
    opened.parts.directory.close()


def _site(parts: CallParts, faces: Faces) -> Resource:
    async def rpc(request: Request) -> WebAnswer:
        return await faces.rpc(lambda: _caller(parts, request, "xmlrpc"), _body(request))

    async def soap(request: Request) -> WebAnswer:
        if request.method == b"GET":
            return faces.wsdl(f"http://{request.getHeader('host')}/SOAP")
        return await faces.soap(lambda: _caller(parts, request, "soap"), _body(request))

    async def rest(request: Request) -> WebAnswer:
        path, _, _ = request.uri.removeprefix(b"/api/v1").partition(b"?")
        asked = RestRequest(
            request.method.decode(), path, _query(request), lambda name: request.getHeader(name), _body(request)
        )
        return await faces.rest(lambda: _caller(parts, request, "rest"), asked)

    async def openapi(_request: Request) -> WebAnswer:
        return faces.openapi()

    root: Any = Resource()
    api: Any = Resource()
    root.putChild(b"RPC2", AsyncPage(rpc, "XML-RPC", methods=(b"POST",)))
    lib: Any = Resource()
    exe: Any = Resource()
    root.putChild(b"lib", lib)
    lib.putChild(b"exe", exe)
    exe.putChild(b"xmlrpc.php", AsyncPage(rpc, "XML-RPC", methods=(b"POST",)))
    root.putChild(b"SOAP", AsyncPage(soap, "SOAP", methods=(b"GET", b"POST")))
    root.putChild(b"api", api)
    methods = (b"GET", b"HEAD", b"PUT", b"POST", b"DELETE", b"PATCH")
    api.putChild(b"v1", AsyncPage(rest, "REST", methods=methods))
    api.putChild(b"openapi.json", AsyncPage(openapi, "OpenAPI"))
    return root  # type: ignore[no-any-return]


def _query(request: Request) -> dict[str, str]:
    return {name.decode(): values[-1].decode() for name, values in request.args.items()}


def _body(request: Request) -> bytes:
    content: Any = request.content
    octets: bytes = content.read()
    return octets


async def _caller(parts: CallParts, request: Request, door: str) -> Caller:
    field = (request.getHeader("authorization") or "").encode()
    if not field:
        return Caller(parts, None, "192.0.2.1", door)
    name, password = basic_credentials(field.partition(b" ")[2])
    return Caller(parts, await parts.sign_in.with_password(name, password, "web", "192.0.2.1"), "192.0.2.1", door)
