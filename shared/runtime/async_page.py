"""A web page that a coroutine makes; twisted.web's own resources must have theirs at once, or finish it themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import NamedTuple

from twisted.web.error import UnsupportedMethod
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from shared.runtime.spawn import spawn

TEXT = b"text/plain; charset=utf-8"


class WebAnswer(NamedTuple):
    """A response as a page makes it; `fields` are further ones of its own."""

    status: int
    content_type: bytes
    body: bytes
    fields: Mapping[bytes, bytes] = {}  # never changed


UNEXPECTED = WebAnswer(500, TEXT, b"See the log.\n")


class AsyncPage(Resource):
    """Answers each request with what `make` returns for it.

    What `make` raises is a bug: it is logged as a failure of `what`, and the client gets UNEXPECTED. When the client
    is gone `make` goes on, for it may have begun to change something, and its answer is dropped.
    """

    isLeaf = True

    def __init__(
        self,
        make: Callable[[Request], Awaitable[WebAnswer]],
        what: str,
        *,
        methods: Collection[bytes] = (b"GET", b"HEAD"),
        fields: Mapping[bytes, bytes] = {},  # never changed
    ) -> None:
        """`fields` are in every answer, UNEXPECTED too. To HEAD twisted.web sends the answer's head alone."""
        super().__init__()
        self._make = make
        self._what = what
        self._methods = methods
        self._fields = fields

    def render(self, request: Request) -> int:
        """Begin; the answer follows. Raises UnsupportedMethod, which twisted.web answers with 405."""
        if request.method not in self._methods:
            raise UnsupportedMethod(self._methods)
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        spawn(self._answer(request, gone), self._what)
        return NOT_DONE_YET

    async def _answer(self, request: Request, gone: list[object]) -> None:
        answer = UNEXPECTED
        try:
            answer = await self._make(request)
        finally:
            if not gone:
                self._send(request, answer)

    def _send(self, request: Request, answer: WebAnswer) -> None:
        request.setResponseCode(answer.status)
        request.setHeader(b"content-type", answer.content_type)
        for name, value in {**self._fields, **answer.fields}.items():
            request.setHeader(name, value)
        request.write(answer.body)
        request.finish()
