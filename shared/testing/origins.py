"""Web servers for the tests: real ones on loopback that do as a test says, however wrong."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 20.0


class Visit:
    """One connection that the origin has accepted."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.socket.settimeout(PATIENCE_SECONDS)
        self.ahead = b""

    def read_until(self, mark: bytes) -> bytes:
        """What comes up to and with `mark`; b"" when the client hangs up before."""
        while mark not in self.ahead:
            octets = self.socket.recv(65536)
            if not octets:
                return b""
            self.ahead += octets
        end = self.ahead.index(mark) + len(mark)
        taken, self.ahead = self.ahead[:end], self.ahead[end:]
        return taken

    def read_head(self) -> bytes:
        """The next request's head."""
        return self.read_until(b"\r\n\r\n")

    def read(self, size: int) -> bytes:
        """So many octets, or fewer when the client hangs up."""
        while len(self.ahead) < size:
            octets = self.socket.recv(65536)
            if not octets:
                break
            self.ahead += octets
        taken, self.ahead = self.ahead[:size], self.ahead[size:]
        return taken

    def read_all(self) -> bytes:
        """What comes until the client has said all."""
        with contextlib.suppress(ConnectionResetError):
            while octets := self.socket.recv(65536):
                self.ahead += octets
        taken, self.ahead = self.ahead, b""
        return taken

    def send(self, octets: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(octets)

    def reset(self) -> None:
        """Break the connection off with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Origin:
    """Where it listens, and the heads of the requests that came, in order."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.heads: list[bytes] = []
        self.connections = 0

    @property
    def authority(self) -> str:
        """Its host and port as a URL has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@contextmanager
def origin(
    behave: Callable[[Origin, Visit], None], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Origin]:
    """A server that does `behave` with each connection, each in a thread of its own."""
    listening = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    running = Origin(host, listening.getsockname()[1])
    open_now: list[socket.socket] = []

    def visit(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            behave(running, Visit(tls.wrap_socket(connection, server_side=True) if tls else connection))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                running.connections += 1
                open_now.append(connection)
                threading.Thread(target=visit, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield running
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for each in open_now:
            each.close()


def answering(*answers: bytes) -> Callable[[Origin, Visit], None]:
    """An origin that gives these answers on each connection, one to a request, then hangs up."""

    def behave(running: Origin, visit: Visit) -> None:
        for answer in answers:
            head = visit.read_head()
            if not head:
                return
            running.heads.append(head)
            visit.send(answer)

    return behave


def always(answer: bytes) -> Callable[[Origin, Visit], None]:
    """An origin that answers every request alike, and keeps its connections."""

    def behave(running: Origin, visit: Visit) -> None:
        while head := visit.read_head():
            running.heads.append(head)
            visit.send(answer)

    return behave


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
