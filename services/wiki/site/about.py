"""About this server, and about a request as it came here (for whoever sets up a proxy before it)."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.site.answer import TEXT, Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import visitor_of

SECRET = frozenset({b"authorization", b"cookie", b"proxy-authorization", b"x-csrf-token"})


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/about` and below."""
    route(app, parts, "/about/request", show_request, "GET", "POST", "PUT", "DELETE")
    route(app, parts, "/about/keys", show_keys)
    route(app, parts, "/about", show_about)


async def show_request(parts: WikiParts, request: WebRequest) -> Answer:
    """Method, path, protocol, the client's address as it is seen here, and the fields without credentials."""
    lines = [
        f"{_text(request.method)} {_text(request.uri)} {_text(request.clientproto)}",
        f"client: {request.peer_host}",
        f"TLS: {'yes' if request.secure else 'no'}",
        "",
    ]
    for name, values in sorted(request.requestHeaders.getAllRawHeaders()):
        if name.lower() not in SECRET:
            lines += [f"{_text(name)}: {_text(value)}" for value in values]
    return Answer(200, "\n".join([*lines, ""]).encode(), TEXT, cache=b"no-store")


async def show_about(parts: WikiParts, request: WebRequest) -> Answer:
    """Who runs it, and its doors."""
    return render(parts, await visitor_of(parts, request), "site/about.html", names=parts.names)


async def show_keys(parts: WikiParts, request: WebRequest) -> Answer:
    """The keys of the site."""
    return render(parts, await visitor_of(parts, request), "site/keys.html")


def _text(octets: bytes) -> str:
    return octets.decode("ascii", "backslashreplace")
