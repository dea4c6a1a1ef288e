"""Many HTTP clients on connections that are kept, each asking again as soon as it was answered."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

RECEIVED_OCTETS = 1 << 18
TIMEOUT_SECONDS = 60.0


class Refused(RuntimeError):
    """An answer other than 200, by its first line: a peer's whole page is nobody's figure."""

    def __init__(self, head: bytes) -> None:
        super().__init__(head.partition(b"\r\n")[0][:200].decode("latin-1"))


@dataclass
class Client:
    """One connection; `left` octets of the answer are still to come, None while its head is."""

    socket: socket.socket
    asked_at: float = 0.0
    left: int | None = None
    head: bytes = b""
    waits: list[float] = field(default_factory=list)


def connect(host: str, port: int) -> socket.socket:
    connected = socket.create_connection((host, port), TIMEOUT_SECONDS)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def ask_for(clients: Sequence[Client], request: bytes, count: int) -> Sequence[float]:
    """Have `request` answered `count` times by all clients together; the seconds that each answer took.

    Raises Refused for any answer but 200, EOFError when the server hangs up.
    """
    selector = selectors.DefaultSelector()
    to_ask = count
    for client in clients[:count]:
        selector.register(client.socket, selectors.EVENT_READ, client)
        _ask(client, request)
        to_ask -= 1
    under_way = min(len(clients), count)
    buffer = bytearray(RECEIVED_OCTETS)
    while under_way:
        ready = selector.select(TIMEOUT_SECONDS)
        if not ready:
            raise TimeoutError(f"{under_way} requests are not answered")
        for key, _ in ready:
            client = key.data
            if not _receive(client, buffer):
                continue
            client.waits.append(time.perf_counter() - client.asked_at)
            if to_ask:
                _ask(client, request)
                to_ask -= 1
            else:
                selector.unregister(client.socket)
                under_way -= 1
    selector.close()
    return [wait for client in clients for wait in client.waits]


def open_tunnel(client: Client, site: bytes, authorization: bytes) -> None:
    """Have a proxy connect `client` to `site`. Raises Refused, EOFError."""
    client.socket.sendall(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n\r\n" % (site, site, authorization))
    head = b""
    while b"\r\n\r\n" not in head:
        octets = client.socket.recv(4096)
        if not octets:
            raise EOFError("the proxy has closed the connection")
        head += octets
    if b" 200 " not in head[:16]:
        raise Refused(head)


def _ask(client: Client, request: bytes) -> None:
    client.left, client.head = None, b""
    client.asked_at = time.perf_counter()
    client.socket.sendall(request)


def _receive(client: Client, buffer: bytearray) -> bool:
    """Whether the answer is complete."""
    size = client.socket.recv_into(buffer)
    if not size:
        raise EOFError("the server has closed the connection")
    if client.left is None:
        client.head += buffer[:size]
        head, end, body = client.head.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 200 " not in head[:16]:
            raise Refused(head)
        client.left = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        size = len(body)
    client.left -= size
    return client.left == 0
