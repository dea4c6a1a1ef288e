"""A news server as a client has it: commands and blocks over one connection (RFC 3977)."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator, Sequence
from types import TracebackType

TIMEOUT_SECONDS = 60
LONGEST_LINE_OCTETS = 1 << 20  # of an article; what is longer is no news


class Refused(Exception):
    """The server said no; the message is its line."""

    @property
    def code(self) -> int:
        return int(str(self)[:3])


class NewsServer:
    """`with NewsServer(host, port) as server: …`. Raises OSError, Refused."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: the connection begins with a handshake."""
        self._host = host
        self._socket: socket.socket = socket.create_connection((host, port), TIMEOUT_SECONDS)
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname=host)
        self._file = self._socket.makefile("rb")
        self.is_private = tls is not None
        self._answer()
        with contextlib.suppress(Refused):  # by a server that knows no other mode
            self.ask("MODE READER")

    def ask(self, command: str) -> str:
        """The line of the answer. Raises Refused for 4xx and 5xx."""
        self._socket.sendall(f"{command}\r\n".encode())
        return self._answer()

    def block(self) -> Iterator[bytes]:
        """The lines that follow the answer, without line ends and added dots."""
        while (line := self._line()) != b".":
            yield line[1:] if line.startswith(b".") else line

    def lines(self, command: str) -> Sequence[bytes]:
        """All lines of the block that answers."""
        self.ask(command)
        return list(self.block())

    def send(self, article: bytes) -> str:
        """Send a block, whose lines may end with LF; the answer to it."""
        lines = article.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
        stuffed = [b"." + line if line.startswith(b".") else line for line in lines]
        self._socket.sendall(b"\r\n".join([*stuffed, b".", b""]))
        return self._answer()

    def go_private(self, tls: ssl.SSLContext) -> bool:
        """STARTTLS; False if the server does not offer it."""
        try:
            self.ask("STARTTLS")
        except Refused:
            return False
        self._file.close()
        self._socket = tls.wrap_socket(self._socket, server_hostname=self._host)
        self._file = self._socket.makefile("rb")
        self.is_private = True
        return True

    @property
    def is_here(self) -> bool:
        """Whether the server is this machine."""
        peer: str = self._socket.getpeername()[0]
        return peer.startswith("127.") or peer == "::1"

    def sign_in(self, name: str, password: str) -> None:
        """AUTHINFO."""
        if self.ask(f"AUTHINFO USER {name}").startswith("381"):
            self.ask(f"AUTHINFO PASS {password}")

    def _answer(self) -> str:
        line = self._line().decode("utf-8", "replace")
        if line[:1] not in ("1", "2", "3"):
            raise Refused(line)
        return line

    def _line(self) -> bytes:
        line = self._file.readline(LONGEST_LINE_OCTETS)
        if not line.endswith(b"\n"):
            raise ConnectionError("the server has closed the connection" if not line else "a line is too long")
        return line.removesuffix(b"\n").removesuffix(b"\r")

    def __enter__(self) -> NewsServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            with contextlib.suppress(OSError, Refused):
                self.ask("QUIT")
        self._file.close()
        self._socket.close()
