"""The client's end of a connection, as a player of transcripts wants it."""

from __future__ import annotations

import socket
import ssl
import zlib
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

ANSWER_SECONDS = 30.0  # a server waits up to 5 s for the store, on a machine that may be busy


class SilentServer(Exception):
    """The server did not say what was waited for."""


class Wire:
    """Octets both ways; subclasses say how they travel."""

    def __init__(self) -> None:
        self._received = b""
        self._inflater: Any = None
        self._deflater: Any = None

    def _transmit(self, octets: bytes) -> None:
        raise NotImplementedError

    def _receive(self) -> bytes:
        """Some octets, b"" when the server has closed. Raises SilentServer."""
        raise NotImplementedError

    def send(self, octets: bytes) -> None:
        """Send all of it."""
        if self._deflater is not None:
            octets = self._deflater.compress(octets) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        self._transmit(octets)

    def read_line(self) -> bytes:
        """The next line without its CRLF. Raises SilentServer, also when the server has closed."""
        while b"\r\n" not in self._received:
            self._receive_more()
        line, _, self._received = self._received.partition(b"\r\n")
        return line

    def read_exactly(self, size: int) -> bytes:
        """The next octets. Raises SilentServer with fewer."""
        while len(self._received) < size:
            self._receive_more()
        octets, self._received = self._received[:size], self._received[size:]
        return octets

    def read_to_end(self) -> bytes:
        """What is left until the server closes. Raises SilentServer when it does not."""
        while octets := self._receive():
            self._received += self._understood(octets)
        rest, self._received = self._received, b""
        return rest

    def _receive_more(self) -> None:
        octets = self._receive()
        if not octets:
            raise SilentServer(f"the server has closed, after {self._received!r}")
        self._received += self._understood(octets)

    def _understood(self, octets: bytes) -> bytes:
        return octets if self._inflater is None else self._inflater.decompress(octets)

    def compress(self) -> None:
        """Deflate both ways from here on (RFC 4978)."""
        self._inflater, self._deflater = zlib.decompressobj(-15), zlib.compressobj(wbits=-15)
        self._received = self._understood(self._received)

    def start_tls(self) -> None:
        """Shake hands as the client."""
        raise NotImplementedError

    def half_close(self) -> None:
        """Say that nothing more will be said."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave."""
        raise NotImplementedError

    def pass_time(self, seconds: float) -> None:
        """Make the server believe that time has passed."""
        raise NotImplementedError


class StringWire(Wire):
    """To a protocol on a StringTransport: nothing is waited for, and time passes when it is told to."""

    def __init__(self, protocol: Any, clock: Clock | None = None, transport: StringTransport | None = None) -> None:
        super().__init__()
        self.transport = transport or StringTransport()
        self._protocol = protocol
        self._clock = clock
        self._closed = False
        protocol.makeConnection(self.transport)

    def _transmit(self, octets: bytes) -> None:
        if not self._closed:
            self._protocol.dataReceived(octets)
            if self._clock is not None:
                self._clock.advance(0)  # what gave way goes on

    def _receive(self) -> bytes:
        octets: bytes = self.transport.value()
        if octets:
            self.transport.clear()
        elif not self.transport.disconnecting:
            raise SilentServer(f"nothing but {self._received!r} came")
        return octets

    def half_close(self) -> None:
        """Like a FIN."""
        self._protocol.readConnectionLost()

    def close(self) -> None:
        """Once; also ends what the server has closed."""
        if not self._closed:
            self._closed = True
            self._protocol.connectionLost(Failure(ConnectionDone()))

    def pass_time(self, seconds: float) -> None:
        """Second by second, as a real clock would."""
        assert self._clock is not None
        whole = int(seconds)
        self._clock.pump([1.0] * whole + [seconds - whole])


class SocketWire(Wire):
    """Over TCP; blocks, so that the server must run in another thread or process."""

    def __init__(self, host: str, port: int, *, tls: bool = False, timeout_seconds: float = ANSWER_SECONDS) -> None:
        super().__init__()
        self._socket = socket.create_connection((host, port), timeout_seconds)
        if tls:
            self.start_tls()

    def _transmit(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def _receive(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except TimeoutError:
            raise SilentServer(f"nothing but {self._received!r} came") from None
        except (ConnectionResetError, ssl.SSLEOFError):
            return b""

    def start_tls(self) -> None:
        """Without looking at the certificate: that is another test's claim."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self._socket = context.wrap_socket(self._socket)

    def half_close(self) -> None:
        """FIN."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Once or more."""
        self._socket.close()
