"""A page of the health port that the parent of several workers fetches from one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.web.client import Agent, readBody
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from shared.runtime.spawn import spawn

LONGEST_PAGE_SECONDS = 30.0  # as long as a statement of the store may take (AGORA_STATEMENT_TIMEOUT)
# Of the connection, or told anew by our own server.
_NOT_FORWARDED = frozenset((b"connection", b"content-length", b"transfer-encoding", b"date", b"server", b"keep-alive"))


class ForwardedPage(Resource):
    """Answers GET as the first worker does that answers at all; 503 when none does."""

    isLeaf = True

    def __init__(self, reactor: Any, agent: Agent, ports: Callable[[], Sequence[int]]) -> None:
        """`ports` tells where on 127.0.0.1 those workers can be asked that serve now."""
        super().__init__()
        self._reactor = reactor
        self._agent = agent
        self._ports = ports

    def render_GET(self, request: Request) -> int:
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")  # until a worker says otherwise
        spawn(self._answer(request, gone), "asking a worker for a page")
        return NOT_DONE_YET

    async def _answer(self, request: Request, gone: list[object]) -> None:
        try:
            body = await self._fetch_from_any(request)
        except BaseException:
            request.setResponseCode(500)
            body = b"see the log\n"
            raise
        finally:
            if not gone:
                request.write(body)
                request.finish()

    async def _fetch_from_any(self, request: Request) -> bytes:
        for port in self._ports():
            fetched = Deferred.fromCoroutine(self._fetch(port, request))
            try:
                return await fetched.addTimeout(LONGEST_PAGE_SECONDS, self._reactor)
            except Exception:
                continue  # it has just died, or hangs
        request.setResponseCode(503)
        return b"no worker answers\n"

    async def _fetch(self, port: int, request: Request) -> bytes:
        path = b"/" + request.uri.lstrip(b"/")  # Agent refuses what is not one
        response: Any = await self._agent.request(b"GET", b"http://127.0.0.1:%d%b" % (port, path))
        body: bytes = await readBody(response)
        request.setResponseCode(response.code)
        for name, values in response.headers.getAllRawHeaders():
            if name.lower() not in _NOT_FORWARDED:
                request.responseHeaders.setRawHeaders(name, values)
        return body
