"""A real web site behind the frame of a door: PROXY header, TLS, places, counts, the end."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from shared.conversation.admitting_factory import AdmittingFactory
from shared.conversation.limits import Limits
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.testing.eventually import eventually
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

GET = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class _Client(Resource):
    """Says who asks."""

    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        address: Any = request.getClientAddress()
        return f"{address.host} {address.port} {request.isSecure()}".encode()


class _Never(Resource):
    isLeaf = True

    def render_GET(self, request: Request) -> int:
        return NOT_DONE_YET


@contextmanager
def door(resource: Any = None, **options: Any) -> Iterator[tuple[AdmittingFactory, int]]:
    factory = AdmittingFactory(
        Site(resource or _Client()), name="site", clock=running_reactor(), **{"limits": Limits(), **options}
    )
    with serving(factory) as port:
        yield factory, port


def asked(port: int, octets: bytes) -> bytes:
    """What comes until the end; nothing where it is closed at once, perhaps before `connect` has seen it open."""
    answer = b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(octets)
        while piece := client.recv(65536):
            answer += piece
    return answer


def test_a_site_is_served_and_its_connections_are_counted() -> None:
    with door() as (factory, port):
        answer = asked(port, GET)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.partition(b"\r\n\r\n")[2].startswith(b"127.0.0.1 ")
        eventually(lambda: factory.numbers().open_now == 0, "it is gone")
        assert factory.numbers().accepted == 1


def test_a_site_hears_of_the_client_that_the_trusted_proxy_tells() -> None:
    with door(trusted_proxies=["127.0.0.0/8"]) as (_, port):
        answer = asked(port, b"PROXY TCP4 192.0.2.7 127.0.0.1 4242 80\r\n" + GET)
        assert answer.endswith(b"192.0.2.7 4242 False")
        assert asked(port, b"PROXY TCP6 2001:db8::7 ::1 4243 80\r\n" + GET).endswith(b"2001:db8::7 4243 False")
        assert asked(port, GET) == b""


def test_a_site_is_served_over_tls(tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, "mail.example")
    certificates = Certificates(files.certificate, files.key)
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    with door(tls_options=certificates.context_factory, trusted_proxies=["127.0.0.0/8"]) as (_, port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            plain.sendall(b"PROXY TCP4 192.0.2.7 127.0.0.1 4242 443\r\n")
            with unchecked.wrap_socket(plain, server_hostname="mail.example") as client:
                client.sendall(GET)
                answer = b""
                while piece := client.recv(65536):
                    answer += piece
        assert answer.endswith(b"192.0.2.7 4242 True")


def test_a_connection_too_many_is_closed() -> None:
    with door(_Never(), max_connections=1) as (factory, port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as first:
            first.sendall(GET)
            eventually(lambda: factory.numbers().accepted == 1, "it is in")
            assert asked(port, GET) == b""
            assert factory.numbers().refused == 1
        eventually(lambda: factory.numbers().open_now == 0, "all are gone")


def test_who_sends_no_header_in_time_is_cut_off() -> None:
    limits = Limits(handshake=timedelta(seconds=0.1))
    with door(trusted_proxies=["127.0.0.0/8"], limits=limits) as (factory, port):
        assert asked(port, b"PROXY") == b""
        eventually(lambda: factory.numbers().open_now == 0, "it is gone")


def test_the_end_of_the_process_ends_the_connections() -> None:
    with door(_Never()) as (factory, port), socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(GET)
        eventually(lambda: factory.numbers().accepted == 1, "it is in")
        wait_for(lambda: factory.shut_down(timedelta(seconds=1)))
        assert client.recv(1) == b""
        assert asked(port, GET) == b""
