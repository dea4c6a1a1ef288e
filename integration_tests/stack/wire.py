"""A client that sends exactly the octets it is told to, whatever a well-behaved one would do."""

from __future__ import annotations

import re
import socket
import ssl
from types import TracebackType

from integration_tests.stack.member import TIMEOUT_SECONDS

Address = tuple[str, int]


class Wire:
    """One connection. Every wait ends: TimeoutError after `timeout` seconds without an octet."""

    def __init__(
        self,
        door: Address,
        *,
        tls: ssl.SSLContext | None = None,
        source: str = "",
        timeout: float = TIMEOUT_SECONDS,
        receive_octets: int | None = None,
    ) -> None:
        """`source`: the local address. `receive_octets`: a small system buffer, for clients that do not read."""
        self._socket = socket.socket()
        self._socket.settimeout(timeout)
        if receive_octets is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_octets)
        if source:
            self._socket.bind((source, 0))
        self._socket.connect(door)
        self._held = bytearray()
        self._tags = 0
        if tls is not None:
            self.start_tls(tls)

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as a client."""
        self._socket = context.wrap_socket(self._socket, server_hostname="localhost")

    @property
    def certificate(self) -> bytes:
        """What the server showed, DER."""
        assert isinstance(self._socket, ssl.SSLSocket)
        return self._socket.getpeercert(binary_form=True) or b""

    def send(self, octets: bytes) -> None:
        """Send all of it. Raises OSError when the server has hung up."""
        self._socket.sendall(octets)

    def receive(self, most: int = 1 << 16) -> bytes:
        """What is there, held back or new; b"" at the end of the connection."""
        if self._held:
            taken = bytes(self._held[:most])
            del self._held[:most]
            return taken
        return self._socket.recv(most)

    def receive_within(self, seconds: float) -> bytes:
        """What comes within so many seconds; b"" when nothing does."""
        usual = self._socket.gettimeout()
        self._socket.settimeout(seconds)
        try:
            return self.receive()
        except TimeoutError:
            return b""
        finally:
            self._socket.settimeout(usual)

    def line(self) -> bytes:
        """The next line without its CRLF. Raises EOFError when the server has hung up."""
        while (end := self._held.find(b"\r\n")) < 0:
            octets = self._socket.recv(1 << 16)
            if not octets:
                raise EOFError(bytes(self._held))
            self._held += octets
        line = bytes(self._held[:end])
        del self._held[: end + 2]
        return line

    def until(self, pattern: bytes) -> list[bytes]:
        """The lines up to and with the first that begins as `pattern` says."""
        begins = re.compile(pattern)
        lines = [self.line()]
        while not begins.match(lines[-1]):
            lines.append(self.line())
        return lines

    def rest(self) -> bytes:
        """Everything until the server hangs up, by closing or by resetting."""
        octets = bytearray(self._held)
        self._held.clear()
        try:
            while piece := self._socket.recv(1 << 16):
                octets += piece
        except (ConnectionError, ssl.SSLError):
            pass
        return bytes(octets)

    def smtp(self, command: bytes) -> bytes:
        """Send a line, and return the last line of the reply."""
        self.send(command + b"\r\n")
        return self.smtp_reply()

    def smtp_reply(self) -> bytes:
        """The last line of a reply."""
        return self.until(rb"\d{3}( |$)")[-1]

    def imap(self, command: bytes) -> list[bytes]:
        """Send a command with a tag of our own, and return the lines of its answer; the last one without the tag."""
        self._tags += 1
        tag = b"T%d" % self._tags
        self.send(tag + b" " + command + b"\r\n")
        lines = self.until(re.escape(tag) + b" ")
        return [*lines[:-1], lines[-1].removeprefix(tag + b" ")]

    def half_close(self) -> None:
        """Say that nothing more will be sent."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
