"""A service of a line protocol in less than 60 lines has limits, TLS, PROXY, drain, log and metrics from the frame."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from shared.conversation.tests import echo_service
from shared.runtime.tests.running import EchoProcess
from shared.testing.eventually import eventually

DOORS = {
    "AGORA_ECHO_ENDPOINTS": "tcp:0:interface=127.0.0.1",
    "AGORA_ECHOS_ENDPOINTS": "tcp:0:interface=127.0.0.1",
    "AGORA_LOG_FORMAT": "console",
}
HELLO = b"+ hello 127.0.0.1\r\n"
Start = Callable[..., AbstractContextManager[EchoProcess]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Starts the service with settings besides its doors."""

    @contextmanager
    def run(**settings: str) -> Iterator[EchoProcess]:
        module = echo_service.__name__
        with EchoProcess(tmp_path / "echo", settings=DOORS | settings, module=module).wait_until_open() as service:
            yield service

    return run


@contextmanager
def talking(connection: socket.socket) -> Iterator[BinaryIO]:
    with connection, connection.makefile("rwb", buffering=0) as client:
        yield client  # type: ignore[misc]


def test_it_is_less_than_60_lines() -> None:
    assert len(Path(echo_service.__file__).read_text().splitlines()) < 60


def test_files_that_the_walk_names_exist() -> None:
    root = Path(echo_service.__file__).parents[3]
    _, _, walk = (root / "docs" / "development.md").read_text().partition("\n## A new service\n")
    named = re.findall(r"`((?:services|shared|k8s|docs)/[^`]+)`", walk.partition("\n## ")[0])
    assert len(named) > 20
    assert [name for name in named if not (root / name).exists()] == []


def test_it_obeys_within_limits(start: Start) -> None:
    with start(AGORA_ECHO_CONNECTIONS="1") as service, talking(service.connect()) as client:
        assert client.readline() == HELLO
        client.write(b"echo one\r\nECHO two\r\n")
        assert (client.readline(), client.readline()) == (b"+ one\r\n", b"+ two\r\n")
        with talking(service.connect()) as second:
            assert second.read() == b"- too many connections\r\n"
        client.write(b"x" * 200 + b"\r\n")
        assert client.readline() == b"- line too long\r\n"
        client.write(3 * b"WHAT\r\n")
        assert client.read() == 3 * b"- unknown\r\n" + b"- too many errors\r\n"


def test_it_speaks_tls_from_the_first_octet(start: Start) -> None:
    with start() as service:
        context = ssl.create_default_context(cafile=str(service.directory / "certificates" / "authority.pem"))
        with talking(context.wrap_socket(service.connect("echos"), server_hostname="localhost")) as client:
            assert client.readline() == HELLO
            client.write(b"ECHO secret\r\n")
            assert client.readline() == b"+ secret\r\n"


def test_it_believes_its_proxy_and_leaves_a_line_in_the_log_and_numbers(start: Start) -> None:
    with start(AGORA_TRUSTED_PROXIES="127.0.0.1") as service:
        with talking(service.connect()) as client:
            client.write(b"PROXY TCP4 192.0.2.7 127.0.0.1 40000 7\r\nECHO one\r\nECHO two\r\n")
            assert client.readline() == b"+ hello 192.0.2.7\r\n"
            assert (client.readline(), client.readline()) == (b"+ one\r\n", b"+ two\r\n")
            assert 'agora_connections_open{door="echo"} 1.0' in service.health("/metrics")[1]
        eventually(lambda: "door=echo peer=192.0.2.7" in service.output(), "the line of the session")
        page = service.health("/metrics")[1]
        assert 'agora_commands_total{door="echo"} 2.0' in page
        assert 'agora_connections_accepted_total{door="echo"} 1.0' in page


def test_it_says_farewell_when_it_is_asked_to_leave(start: Start) -> None:
    with start() as service, talking(service.connect()) as client:
        assert client.readline() == HELLO
        assert service.ask_to_leave() == 0
        assert client.read() == b"- going down\r\n"
