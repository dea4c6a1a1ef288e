"""The octets of connections whose protocol counts none: the kernel's."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from shared.conversation.counts import Said
from shared.conversation.kernel_counts import kernel_counts
from shared.conversation.tests.test_admitting_factory import door
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.testing.eventually import eventually
from shared.testing.reactor import wait_for

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"  # and the connection stays
TLS_OCTETS = 10_000  # a handshake, both ways


def said_of(factory: Any) -> Said:
    async def ask() -> Said:
        [connection] = factory.conversations()
        said: Said = connection.said()
        return said

    return wait_for(ask)


def test_what_a_connection_has_said_is_known_while_it_is_open() -> None:
    with door() as (factory, port), socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(REQUEST)
        answer = client.recv(65536)
        eventually(lambda: said_of(factory) == Said(0, len(REQUEST), len(answer)), "the kernel has counted")
        client.sendall(REQUEST)
        answer += client.recv(65536)
        eventually(lambda: said_of(factory) == Said(0, 2 * len(REQUEST), len(answer)), "it goes on counting")


@pytest.mark.parametrize("header", [b"", b"PROXY TCP4 198.51.100.7 127.0.0.1 5000 80\r\n"], ids=["direct", "proxied"])
def test_over_tls_its_own_octets_are_among_them(tmp_path: Path, header: bytes) -> None:
    files = ensure_certificate(tmp_path, "localhost")
    certificates = Certificates(files.certificate, files.key)
    trusted = ["127.0.0.0/8"] if header else []
    options = {"tls_options": certificates.context_factory, "trusted_proxies": trusted}
    context = ssl.create_default_context(cafile=str(files.authority))
    with door(**options) as (factory, port), socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        plain.sendall(header)
        with context.wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(REQUEST)
            answer = client.recv(65536)

            def are_counted() -> bool:
                _, octets_in, octets_out = said_of(factory)
                return (
                    len(REQUEST) < octets_in < len(REQUEST) + TLS_OCTETS
                    and len(answer) < octets_out < len(answer) + TLS_OCTETS
                )

            eventually(are_counted, "the kernel has counted")


def test_of_what_is_no_open_tcp_connection_nothing_is_known() -> None:
    one, other = socket.socketpair()

    class Transport:
        socket = one

    assert kernel_counts(Transport()) == Said()
    other.close()
    one.close()
    assert kernel_counts(Transport()) == Said()
    assert kernel_counts(object()) == Said()
