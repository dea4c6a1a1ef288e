"""A page that a coroutine makes, over real connections."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent, globalLogPublisher
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from shared.runtime.async_page import TEXT, AsyncPage, WebAnswer
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor
from shared.testing.serving import serving


class Pages:
    """Pages of every kind, and how far they came."""

    def __init__(self) -> None:
        self.waiting: list[Deferred[None]] = []
        self.gone: list[object] = []
        self.made: list[bytes] = []

    async def tea(self, request: Request) -> WebAnswer:
        return WebAnswer(418, TEXT, b"tea\n", {b"x-pot": b"short", b"x-kind": b"own"})

    async def broken(self, request: Request) -> WebAnswer:
        raise LookupError("secret")

    async def slow(self, request: Request) -> WebAnswer:
        request.notifyFinish().addErrback(self.gone.append)
        self.waiting.append(Deferred())
        await self.waiting[-1]
        self.made.append(request.method)
        return WebAnswer(200, TEXT, b"at last\n")


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def port(pages: Pages) -> Iterator[int]:
    root: Any = Resource()
    for name in ("tea", "broken", "slow"):
        page = AsyncPage(getattr(pages, name), f"making {name}", fields={b"x-kind": b"all"})
        root.putChild(name.encode(), page)
    root.putChild(b"form", AsyncPage(pages.tea, "taking a form", methods=(b"POST",)))
    site: Any = Site(root)
    with serving(site) as opened:
        yield opened


def ask(port: int, path: str, method: str = "GET") -> tuple[int, bytes, Message]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_the_answer_is_sent_with_its_fields_before_those_of_all(port: int) -> None:
    status, body, headers = ask(port, "tea")
    assert (status, body) == (418, b"tea\n")
    assert (headers["Content-Type"], headers["X-Pot"], headers["X-Kind"]) == (TEXT.decode(), "short", "own")


def test_head_gets_the_head_alone(port: int) -> None:
    status, body, headers = ask(port, "tea", "HEAD")
    assert (status, body, headers["X-Pot"]) == (418, b"", "short")


def test_other_methods_are_refused_unless_the_page_takes_them(port: int) -> None:
    assert ask(port, "tea", "POST")[0] == 405
    assert ask(port, "form", "POST")[0] == 418
    assert ask(port, "form")[0] == 405


def test_a_bug_tells_nothing(port: int) -> None:
    status, body, headers = ask(port, "broken")
    assert (status, body, headers["X-Kind"]) == (500, b"See the log.\n", "all")


def test_a_client_that_has_gone_does_not_end_the_work_and_gets_nothing(port: int, pages: Pages) -> None:
    failures: list[LogEvent] = []

    def observe(event: LogEvent) -> None:
        if "log_failure" in event:
            failures.append(event)

    observer: Any = observe
    globalLogPublisher.addObserver(observer)
    try:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            eventually(lambda: pages.waiting, "the page is being made")
        eventually(lambda: pages.gone, "the client is gone")
        call_in_reactor(lambda: pages.waiting[0].callback(None))
        assert pages.made == [b"GET"]
    finally:
        globalLogPublisher.removeObserver(observer)
    assert failures == []
