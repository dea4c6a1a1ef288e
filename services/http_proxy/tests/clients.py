"""A client for the tests that says exactly what a test wants it to, and reads what comes without mercy."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from types import TracebackType

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """A response: its status, its head without the empty line, and its body out of any chunked coding."""

    status: int
    head: bytes
    body: bytes
    trailers: bytes = b""

    def field(self, name: bytes) -> list[bytes]:
        """The values of a field."""
        lines = [line.partition(b":") for line in self.head.split(b"\r\n")[1:]]
        return [value.strip() for field, _, value in lines if field.lower() == name.lower()]


class Client:
    """A connection to the proxy."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
        self.ahead = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def send(self, octets: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(octets)

    def get(self, url: str, *fields: str, method: str = "GET", version: str = "1.1") -> None:
        """Send a request without a body."""
        host = url.split("/")[2]
        lines = [f"{method} {url} HTTP/{version}", f"Host: {host}", *fields, "", ""]
        self.send("\r\n".join(lines).encode())

    def more(self) -> bytes:
        """What comes next; raises EOFError at the end, ConnectionResetError when cut off."""
        octets = self.socket.recv(65536)
        if not octets:
            raise EOFError
        return octets

    def until(self, mark: bytes) -> bytes:
        """What comes up to `mark`, without it."""
        while mark not in self.ahead:
            self.ahead += self.more()
        taken, _, self.ahead = self.ahead.partition(mark)
        return taken

    def read(self, size: int) -> bytes:
        """So many octets."""
        while len(self.ahead) < size:
            self.ahead += self.more()
        taken, self.ahead = self.ahead[:size], self.ahead[size:]
        return taken

    def rest(self) -> bytes:
        """Everything until the proxy closes; raises ConnectionResetError when it cuts off."""
        try:
            while True:
                self.ahead += self.more()
        except EOFError:
            taken, self.ahead = self.ahead, b""
            return taken

    def answer(self, method: str = "GET") -> Answer:
        """The next response, complete."""
        head = self.until(b"\r\n\r\n")
        bare = Answer(int(head.split(b" ", 2)[1]), head, b"")
        if method in ("HEAD", "CONNECT") or bare.status in (204, 304) or bare.status < 200:
            return bare
        if bare.field(b"transfer-encoding"):
            body, trailers = self._chunked()
            return Answer(bare.status, head, body, trailers)
        if length := bare.field(b"content-length"):
            return Answer(bare.status, head, self.read(int(length[0])))
        return Answer(bare.status, head, self.rest())

    def _chunked(self) -> tuple[bytes, bytes]:
        body = b""
        while size := int(self.until(b"\r\n"), 16):
            body += self.read(size)
            assert self.read(2) == b"\r\n"
        trailers = b""
        while line := self.until(b"\r\n"):
            trailers += line + b"\r\n"
        return body, trailers

    def is_closed(self) -> bool:
        """Whether nothing more comes: waits for the proxy to close."""
        try:
            return self.rest() == b""
        except ConnectionResetError:
            return True
