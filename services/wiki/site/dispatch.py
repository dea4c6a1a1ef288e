"""Dispatching: from a request to the handler of its path, and from what that returns or raises to an answer.

The table of paths is Klein's. It is asked directly, so that a path is decoded and judged here, once: `%2f` and `//` are
as they come, and nothing redirects to another host.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from twisted.logger import Logger
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer, moved, see_other
from services.wiki.site.error_pages import error_answer
from services.wiki.site.errors import BadPath, MethodNotHere, NotHere, NotOneHost
from services.wiki.site.forms import query_of
from services.wiki.site.local_path import local_path
from services.wiki.site.moved_to import MovedTo
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp
from services.wiki.site.send import Note, send
from services.wiki.visitor import visitor_of
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.errors import DomainError
from shared.runtime.spawn import spawn

MOST_PATH_OCTETS = 8192
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
OPEN_TO_NEW_MEMBERS = ("/welcome", "/static/", "/sign-", "/account/theme")  # until their full name is known
_HOST = "site.invalid"  # werkzeug wants one


class Dispatch:
    """Called with each request."""

    _log = Logger()

    def __init__(self, parts: WikiParts, app: WebApp, note: Note | None = None) -> None:
        self._parts = parts
        self._app = app
        self._tables = (app.url_map.bind(_HOST), app.wiki.url_map.bind(_HOST))
        self._note = note

    def __call__(self, request: WebRequest) -> None:
        spawn(self._answer(request), "answering a request")

    async def _answer(self, request: WebRequest) -> None:
        try:
            answer = await self.answer(request)
        except MovedTo as found:
            answer = moved(found.path)
        except DomainError as error:
            answer = error_answer(self._parts, request, error)
        except Exception as error:
            self._log.failure("a request to {path} failed", path=request.path.decode("ascii", "backslashreplace"))
            answer = error_answer(self._parts, request, error)
        send(request, answer, self._note)

    async def answer(self, request: WebRequest) -> Answer:
        """The handler's answer. Raises DomainError."""
        hosts = len(request.requestHeaders.getRawHeaders(b"host") or ())
        if hosts > 1 or (not hosts and request.clientproto == b"HTTP/1.1"):
            raise NotOneHost("A request has one field Host.")
        path = decoded_path(request.path)
        query = request.uri.partition(b"?")[2]
        if query:
            request.query = query_of(query)
        endpoint, named = self._find(request, path)
        if isinstance(endpoint, Answer):
            return endpoint
        is_signed = request.getHeader(b"cookie") is not None
        if is_signed and not path.startswith(OPEN_TO_NEW_MEMBERS) and await self._is_new(request):
            return see_other(f"/welcome?then={quote(local_path(request.uri.decode('ascii', 'replace')), safe='/')}")
        return await self._app.handlers[endpoint](self._parts, request, **named)

    async def _is_new(self, request: WebRequest) -> bool:
        """Whether a member's full name is not known yet. While the store is away the handler says so, which still has
        what was typed."""
        try:
            visitor = await visitor_of(self._parts, request)
        except (StoreUnavailable, StatementTimedOut):
            return False
        return visitor.session is not None and visitor.account is not None and visitor.account.full_name is None

    def _find(self, request: WebRequest, path: str) -> tuple[Any, dict[str, Any]]:
        method = request.method.decode("ascii", "replace")
        site, wiki = self._tables
        first = path[1:].partition("/")[0]
        try:
            try:
                endpoint, named = (site if first in self._app.segments else wiki).match(path, method=method)
            except NotFound:
                endpoint, named = wiki.match(path, method=method)
        except RequestRedirect as redirect:  # the path wants a slash at its end
            query = request.uri.partition(b"?")[2].decode("ascii", "replace")
            target = quote(urlsplit(redirect.new_url).path, safe="/%:@!$&'()*+,;=~")
            return moved(target + (f"?{query}" if query else "")), {}
        except MethodNotAllowed as error:
            raise MethodNotHere(tuple(sorted(error.valid_methods or ()))) from None
        except NotFound:
            raise NotHere from None
        return endpoint, dict(named)


def decoded_path(path: bytes) -> str:
    """The path as text. Raises BadPath for what is no UTF-8, has control characters, or is no path."""
    if not path.startswith(b"/") or len(path) > MOST_PATH_OCTETS:
        raise BadPath("The path cannot be used.")
    try:
        text = unquote_to_bytes(path).decode() if b"%" in path else path.decode()
    except UnicodeDecodeError:
        raise BadPath("The path is not in UTF-8.") from None
    if not text.isprintable() and any(letter < " " or letter == "\x7f" for letter in text):
        raise BadPath("The path has control characters.")
    return text
