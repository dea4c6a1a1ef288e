"""Many HTTP clients on connections that are kept, each asking again as soon as it was answered."""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat

RECEIVED_OCTETS = 1 << 18
TIMEOUT_SECONDS = 60.0


OK = (b"200", b"201")
END_OF_CHUNKS = b"0\r\n\r\n"


class Refused(RuntimeError):
    """An answer of another status, by its first line: a peer's whole page is nobody's figure."""

    def __init__(self, head: bytes) -> None:
        super().__init__(head.partition(b"\r\n")[0][:200].decode("latin-1"))


@dataclass
class Client:
    """One connection; `left` octets of the answer are still to come, None while its head is."""

    socket: socket.socket
    asked_at: float = 0.0
    left: int | None = None
    head: bytes = b""
    tail: bytes | None = None  # the last octets of a body in chunks; None: its length is known
    waits: list[float] = field(default_factory=list)


def connect(host: str, port: int) -> socket.socket:
    opened = socket.create_connection((host, port), TIMEOUT_SECONDS)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return opened


@contextlib.contextmanager
def connected(host: str, port: int, clients: int) -> Iterator[list[Client]]:
    """So many clients, each on a connection of its own."""
    with contextlib.ExitStack() as opened:
        yield [Client(opened.enter_context(contextlib.closing(connect(host, port)))) for _ in range(clients)]


def ask_for(clients: Sequence[Client], request: bytes, count: int, statuses: Sequence[bytes] = OK) -> Sequence[float]:
    """Have `request` answered `count` times by all clients together; the seconds that each answer took.

    Raises Refused for an answer of another status, EOFError when the server hangs up.
    """
    return ask_each(clients, repeat(request, count), statuses)


def ask_each(clients: Sequence[Client], requests: Iterable[bytes], statuses: Sequence[bytes] = OK) -> Sequence[float]:
    """The same for requests that differ."""
    selector = selectors.DefaultSelector()
    to_ask = iter(requests)
    under_way = 0
    for client, request in zip(clients, to_ask, strict=False):
        selector.register(client.socket, selectors.EVENT_READ, client)
        _ask(client, request)
        under_way += 1
    buffer = bytearray(RECEIVED_OCTETS)
    while under_way:
        ready = selector.select(TIMEOUT_SECONDS)
        if not ready:
            raise TimeoutError(f"{under_way} requests are not answered")
        for key, _ in ready:
            client = key.data
            if not _receive(client, buffer, statuses):
                continue
            client.waits.append(time.perf_counter() - client.asked_at)
            if (following := next(to_ask, None)) is not None:
                _ask(client, following)
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
    client.left, client.head, client.tail = None, b"", None
    client.asked_at = time.perf_counter()
    client.socket.sendall(request)


def _receive(client: Client, buffer: bytearray, statuses: Sequence[bytes]) -> bool:
    """Whether the answer is complete."""
    size = client.socket.recv_into(buffer)
    if not size:
        raise EOFError("the server has closed the connection")
    if client.left is None:
        client.head += buffer[:size]
        head, end, body = client.head.partition(b"\r\n\r\n")
        if not end:
            return False
        if head[9:12] not in statuses:
            raise Refused(head)
        size = len(body)
        _, has_length, length = head.lower().partition(b"\r\ncontent-length:")
        client.left = int(length.partition(b"\r\n")[0]) if has_length else 0
        if not has_length and head[9:12] != b"304":
            client.tail, buffer[:size] = b"", body
    if client.tail is not None:
        client.tail = (client.tail + buffer[:size])[-len(END_OF_CHUNKS) :]
        return client.tail == END_OF_CHUNKS
    client.left -= size
    return client.left == 0
