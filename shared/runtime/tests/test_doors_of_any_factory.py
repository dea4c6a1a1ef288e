"""A web site, Perspective Broker and SSH behind a door have from its frame what a line protocol has."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from pydantic import Field
from twisted.conch.ssh.factory import SSHFactory
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.transport import SSHServerTransport
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory
from twisted.spread import pb
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.runtime.draining_site import DrainingSite
from shared.runtime.parts import door_factory
from shared.runtime.settings import ServiceSettings
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor, running_reactor, wait_for
from shared.testing.serving import serving

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class WebSettings(ServiceSettings):
    web_connections: int = Field(default=100)
    web_connections_per_address: int = Field(default=10)


class _Who(Resource):
    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        address: Any = request.getClientAddress()
        return address.host.encode()  # type: ignore[no-any-return]


class _Told(pb.Referenceable):
    def __init__(self, broker: Any) -> None:
        self._broker = broker

    def remote_who(self) -> str:
        return str(self._broker.transport.getPeer().host)


class _Root(pb.Root):
    def rootObject(self, broker: Any) -> Any:
        return _Told(broker)


class _Ssh(SSHServerTransport):
    def connectionMade(self) -> None:
        transport: Any = self.transport
        self.ourVersionString = b"SSH-2.0-test " + transport.getPeer().host.encode()
        super().connectionMade()


def ssh_factory() -> Factory[Any]:
    factory: Any = SSHFactory()
    key = Key(ed25519.Ed25519PrivateKey.generate())
    factory.protocol = _Ssh
    factory.privateKeys, factory.publicKeys = {key.sshType(): key}, {key.sshType(): key.public()}
    return factory  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Kind:
    """A protocol that knows nothing of doors: its factory, and a client's first octets."""

    make: Callable[[], Factory[Any]]
    question: bytes
    answer: bytes  # what is in front of the client's address, as an expression


# Banana by hand: what a client of pb.PBClientFactory sends to choose the dialect, and to ask for the root.
_PB_DIALECT = b"\x04\x82none"
_PB_ASK = b"".join(
    (
        b"\x07\x80",  # a list of seven
        b"\x07\x82message", b"\x01\x81", b"\x04\x82root", b"\x03\x82who", b"\x01\x81",
        b"\x01\x80\x05\x82tuple", b"\x01\x80\x0a\x82dictionary",
    )
)  # fmt: skip
KINDS = {
    "site": Kind(lambda: Site(_Who()), GET, rb"\r\n\r\n"),
    "pb": Kind(lambda: pb.PBServerFactory(_Root()), _PB_DIALECT + _PB_ASK, rb"\x82"),
    "ssh": Kind(ssh_factory, b"SSH-2.0-client\r\n", rb"SSH-2.0-test "),
}


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@contextmanager
def door(kind: Kind, certificates: Certificates | None = None, **settings: Any) -> Iterator[tuple[Any, int]]:
    """The door's factory as a service has it, and its port."""
    made = WebSettings(**settings)
    tls = certificates is not None
    factory = door_factory(made, certificates, running_reactor(), "web", kind.make(), Limits(), of="web", tls=tls)
    with serving(factory) as port:
        yield factory, port
        eventually(lambda: factory.numbers().open_now == 0, "all connections are over")


@contextmanager
def client(port: int, header: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as opened:
        opened.sendall(header)
        yield opened


def from_(host: str) -> bytes:
    return b"PROXY TCP4 %s 127.0.0.1 4242 80\r\n" % host.encode()


def told(kind: Kind, connection: socket.socket) -> str:
    """Who the server says the client is; "" if it says nothing and closes."""
    heard = b""
    with contextlib.suppress(OSError):
        connection.sendall(kind.question)
        while piece := connection.recv(65536):
            heard += piece
            if found := re.search(kind.answer + rb"((?:\d+\.){3}\d+)", heard):
                return found[1].decode()
    return ""


def is_closed(connection: socket.socket) -> bool:
    """Wait for the end of what comes."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(65536):
            pass
    return True


def test_it_is_counted(kind: Kind) -> None:
    with door(kind) as (factory, port), client(port) as first, client(port) as second:
        assert told(kind, first) == told(kind, second) == "127.0.0.1"
        numbers = factory.numbers()
        assert (numbers.accepted, numbers.open_now, numbers.refused) == (2, 2, 0)


def test_it_hears_of_the_client_that_the_trusted_proxy_tells(kind: Kind) -> None:
    with door(kind, trusted_proxies="127.0.0.0/8") as (_, port):
        with client(port, from_("192.0.2.7")) as one:
            assert told(kind, one) == "192.0.2.7"
        with client(port) as other:
            assert told(kind, other) == ""


def test_it_has_so_many_connections_in_all_and_for_one_address(kind: Kind) -> None:
    places: dict[str, Any] = {"web_connections": 3, "web_connections_per_address": 2, "trusted_proxies": "127.0.0.0/8"}
    with door(kind, **places) as (factory, port), contextlib.ExitStack() as stack:

        def comes(host: str) -> str:
            return told(kind, stack.enter_context(client(port, from_(host))))

        assert [comes("192.0.2.7") for _ in range(3)] == ["192.0.2.7", "192.0.2.7", ""]
        assert [comes("192.0.2.8") for _ in range(2)] == ["192.0.2.8", ""]
        assert factory.numbers().refused == 2


def test_it_is_served_over_tls(kind: Kind, tmp_path: Path) -> None:
    files = ensure_certificate(tmp_path, "mail.example")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    certificates = Certificates(files.certificate, files.key)
    with door(kind, certificates, trusted_proxies="127.0.0.0/8") as (_, port):
        with client(port, from_("192.0.2.7")) as plain, context.wrap_socket(plain) as secured:
            assert told(kind, secured) == "192.0.2.7"
        with client(port, from_("192.0.2.7")) as in_the_clear:
            assert told(kind, in_the_clear) == ""


def test_it_is_drained_when_the_process_ends(kind: Kind) -> None:
    with door(kind) as (factory, port), client(port) as before:
        assert told(kind, before) == "127.0.0.1"
        wait_for(lambda: factory.shut_down(timedelta(seconds=10)))
        assert is_closed(before)
        with contextlib.suppress(ConnectionResetError), client(port) as late:  # perhaps before it has seen it open
            assert told(kind, late) == ""


class _Slow(Resource):
    """Answers when it is told to."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Any] = []

    def render_GET(self, request: Request) -> int:
        self.requests.append(request)
        return NOT_DONE_YET

    def answer(self) -> None:
        self.requests[0].write(b"at last")
        self.requests[0].finish()


def leave(factory: ConversationFactory) -> list[str]:
    """Begin to shut down; the list is filled when all connections are over."""
    over: list[str] = []

    def begin() -> None:
        Deferred.fromCoroutine(factory.shut_down(timedelta(seconds=20))).addCallback(lambda _: over.append("over"))

    call_in_reactor(begin)
    return over


@pytest.mark.parametrize("first", [GET, GET[:20]], ids=["a request in hand", "half a request"])
def test_request_that_is_here_when_the_process_ends_is_answered(first: bytes) -> None:
    slow = _Slow()
    kind = Kind(lambda: DrainingSite(slow), GET, rb"")
    with door(kind) as (factory, port), client(port) as connection, client(port) as idle:
        connection.sendall(first)
        eventually(lambda: _has_begun(factory), "the request has begun")
        over = leave(factory)
        assert is_closed(idle)
        connection.sendall(GET[len(first) :])
        eventually(lambda: len(slow.requests) == 1, "the request is here")
        assert not over
        call_in_reactor(slow.answer)
        heard = b""
        while piece := connection.recv(65536):
            heard += piece
        assert b"Connection: close\r\n" in heard
        assert heard.endswith(b"\r\nat last\r\n0\r\n\r\n")
        eventually(lambda: over == ["over"], "all connections are over")


def test_client_that_says_no_more_has_its_answer() -> None:
    """As `printf … | nc -N` does."""
    slow = _Slow()
    with door(Kind(lambda: DrainingSite(slow), GET, rb"")) as (factory, port), client(port) as connection:
        connection.sendall(GET)
        eventually(lambda: len(slow.requests) == 1, "the request is here")
        connection.shutdown(socket.SHUT_WR)
        eventually(lambda: all(each._no_more_input for each in factory.conversations()), "the end is known")
        call_in_reactor(slow.answer)
        heard = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"Connection: close\r\n" in heard
    assert heard.endswith(b"\r\nat last\r\n0\r\n\r\n")


@pytest.mark.parametrize("what", [b"", GET[:20], GET + GET[:20]], ids=["nothing", "half a request", "and a half"])
def test_client_that_says_no_more_is_not_waited_for(what: bytes) -> None:
    with door(Kind(lambda: DrainingSite(_Who()), GET, rb"")) as (_, port), client(port) as connection:
        connection.sendall(what)
        connection.shutdown(socket.SHUT_WR)
        assert is_closed(connection)


def _has_begun(factory: ConversationFactory) -> bool:
    conversations = list(factory.conversations())
    return len(conversations) == 2 and any(each.inner is not None and each.inner.requests for each in conversations)
