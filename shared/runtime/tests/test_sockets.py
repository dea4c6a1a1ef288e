"""Binding endpoints, and accepting on what was bound."""

from __future__ import annotations

import errno
import os
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.protocol import Factory, Protocol

from shared.runtime import sockets
from shared.runtime.settings import WrongSetting
from shared.runtime.sockets import adopt, bind_all, place_of
from shared.runtime.tests.echo_service import EchoSettings
from shared.testing.reactor import running_reactor, wait_for


def bind(*endpoints: str) -> sockets.Sockets:
    return bind_all(EchoSettings(echo_endpoints=endpoints, tls_endpoints=(), health_endpoints=()))


def test_places_are_told_with_their_real_ports() -> None:
    bound = bind("tcp:0:interface=127.0.0.1", r"tcp6:0:interface=\:\:1")
    first, second = (place_of(each) for each in bound.of("echo"))
    assert first.startswith("127.0.0.1:")
    assert second.startswith("[::1]:")
    bound.close()


def test_both_families_share_a_port_number() -> None:
    four = bind("tcp:0")
    port = four.of("echo")[0].getsockname()[1]
    six = bind(f"tcp6:{port}")
    four.close()
    six.close()


def test_socket_file_that_nobody_listens_on_is_replaced(tmp_path: Path) -> None:
    bind(f"unix:{tmp_path}/door").close()
    bound = bind(f"unix:{tmp_path}/door:mode=600")
    assert (tmp_path / "door").stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / "door"))
    bound.close()


def test_socket_file_that_somebody_listens_on_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PATIENCE_SECONDS", 0.0)
    bound = bind(f"unix:{tmp_path}/door")
    with pytest.raises(WrongSetting, match="AGORA_ECHO_ENDPOINTS"):
        bind(f"unix:{tmp_path}/door")
    bound.close()


def test_port_that_stays_taken_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PATIENCE_SECONDS", 0.0)
    bound = bind("tcp:0:interface=127.0.0.1")
    port = bound.of("echo")[0].getsockname()[1]
    with pytest.raises(WrongSetting, match=os.strerror(errno.EADDRINUSE)):
        bind(f"tcp:{port}:interface=127.0.0.1")
    bound.close()


def test_port_that_a_leaving_predecessor_holds_is_waited_for() -> None:
    bound = bind("tcp:0:interface=127.0.0.1")
    port = bound.of("echo")[0].getsockname()[1]
    leaving = threading.Timer(0.3, bound.close)
    leaving.start()
    bind(f"tcp:{port}:interface=127.0.0.1").close()
    leaving.join()


def test_description_that_cannot_be_understood_is_named() -> None:
    with pytest.raises(WrongSetting, match="AGORA_ECHO_ENDPOINTS: cannot listen on 'tcp:imap:nonsense=1'"):
        bind("tcp:imap:nonsense=1")


def test_connections_that_came_before_the_factory_are_served() -> None:
    bound = bind("tcp:0:interface=127.0.0.1")
    with socket.create_connection(bound.of("echo")[0].getsockname()) as early:
        port = wait_for(lambda: _serve("tcp:0:interface=127.0.0.1", bound.of("echo")[0]))
        early.settimeout(10)
        early.sendall(b"?")
        assert early.recv(100) == b"127.0.0.1"
        wait_for(lambda: _stop(port))


def test_client_behind_a_proxy_keeps_its_address() -> None:
    bound = bind("haproxy:tcp:0:interface=127.0.0.1")
    with socket.create_connection(bound.of("echo")[0].getsockname()) as proxy:
        port = wait_for(lambda: _serve("haproxy:tcp:0:interface=127.0.0.1", bound.of("echo")[0]))
        proxy.settimeout(10)
        proxy.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 4000 25\r\n?")
        assert proxy.recv(100) == b"192.0.2.7"
        wait_for(lambda: _stop(port))


class _TellsAddress(Protocol):
    """Says from where the client comes, when asked: a proxy's header has been read by then."""

    def dataReceived(self, data: bytes) -> None:
        transport: Any = self.transport
        transport.write(transport.getPeer().host.encode())


async def _serve(description: str, bound: socket.socket) -> Any:
    return adopt(running_reactor(), description, bound, Factory.forProtocol(_TellsAddress))


async def _stop(port: Any) -> None:
    await port.stopListening()
