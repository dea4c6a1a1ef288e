"""A page that one of several workers serves, whichever of them is there."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from twisted.web.client import Agent
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from shared.runtime.forwarded_page import ForwardedPage
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving


class Worker(Resource):
    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"text/plain")
        return b"asked for " + request.uri


@contextmanager
def parent_of(ports: Sequence[int]) -> Iterator[int]:
    async def make() -> Any:
        return Site(ForwardedPage(running_reactor(), Agent(running_reactor()), lambda: ports))

    with serving(wait_for(make)) as port:
        yield port


def ask(port: int, target: bytes) -> bytes:
    """The whole answer to a GET whose target is sent as it is."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET %b HTTP/1.0\r\nHost: x\r\n\r\n" % target)
        return b"".join(iter(lambda: client.recv(4096), b""))


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
        return port


def test_worker_that_is_gone_is_passed_over() -> None:
    worker: Any = Site(Worker())
    with serving(worker) as living, parent_of([unused_port(), living]) as port:
        answer = ask(port, b"/proxy/words.csv?top=1")
    assert answer.startswith(b"HTTP/1.0 200 ")
    assert answer.endswith(b"\r\n\r\nasked for /proxy/words.csv?top=1")
    assert answer.lower().count(b"content-type: text/plain\r\n") == 1


def test_no_worker_at_all_is_told() -> None:
    with parent_of([]) as port:
        assert ask(port, b"/proxy/").startswith(b"HTTP/1.0 503 ")


def test_only_the_worker_is_ever_asked() -> None:
    worker: Any = Site(Worker())
    with serving(worker) as living, parent_of([living]) as port:
        assert ask(port, b"//example.org/x").endswith(b"asked for /example.org/x")
        assert ask(port, b"http://example.org/x").endswith((b"/http://example.org/x", b"asked for /x"))
        assert ask(port, b"@example.org/x").endswith(b"asked for /@example.org/x")
