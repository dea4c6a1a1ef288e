"""A connection to a news server: lines and dot blocks, all of them bounded in octets and in time."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator

from shared.command_line.news.client.errors import ConnectionFailed, UnreadableAnswer
from shared.octets import format_octets

CONNECT_SECONDS = 30
SILENCE_SECONDS = 60  # servers that ask a moderator's or a cleaning program first are silent for some seconds
LINE_SECONDS = 120  # from its first octet to its last
REPLY_OCTETS = 4096  # RFC 3977 §3.1: 512; servers that repeat a long Message-ID or sentence exceed it
LINE_OCTETS = 1 << 20  # of a block; articles without line ends have been seen
ANSWER_OCTETS = 64 << 20  # of a block: six times the largest article that the news gateway takes by default
_READ_OCTETS = 65536


class NewsConnection:
    """One connection. Raises ConnectionFailed and UnreadableAnswer; after these it is of no use any more."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None) -> None:
        """Connect; with `tls`, encrypted from the first octet."""
        self.host = host
        self._place = f"{host}:{port}"
        self._read = bytearray()
        self.encrypted = False
        try:
            self._socket = socket.create_connection((host, port), CONNECT_SECONDS)
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name with an empty label
            raise ConnectionFailed(f"{self._place} cannot be reached: {_reason(error)}") from None
        self._socket.settimeout(SILENCE_SECONDS)
        if tls is not None:
            self.encrypt(tls)

    @property
    def stays_here(self) -> bool:
        """Whether the server is on this machine."""
        try:
            address = ipaddress.ip_address(self._socket.getpeername()[0].partition("%")[0])
        except (OSError, ValueError):
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return bool((mapped or address).is_loopback)

    def encrypt(self, tls: ssl.SSLContext) -> None:
        """Begin TLS, now."""
        if self._read:  # sent in the clear, by anybody on the way: it must not count as part of what is encrypted
            self.close()
            raise UnreadableAnswer("the server sent more than its reply to STARTTLS")
        try:
            self._socket = tls.wrap_socket(self._socket, server_hostname=self.host)
        except (OSError, ValueError) as error:  # ValueError: a host that is no name for a certificate
            self.close()
            raise ConnectionFailed(f"no TLS with {self._place}: {_reason(error)}") from None
        self.encrypted = True

    def write(self, octets: bytes) -> None:
        """Send all of them."""
        try:
            for start in range(0, len(octets), _READ_OCTETS):
                self._socket.sendall(octets[start : start + _READ_OCTETS])
        except OSError as error:
            raise ConnectionFailed(f"the connection to {self._place} ended: {_reason(error)}") from None

    def read_line(self, most_octets: int = REPLY_OCTETS) -> bytes:
        """The next line, without its end."""
        deadline = time.monotonic() + LINE_SECONDS
        searched = 0
        while (end := self._read.find(b"\n", searched, most_octets + 1)) < 0:
            searched = len(self._read)
            if searched > most_octets:
                self.close()
                raise UnreadableAnswer(f"the server sent a line of more than {format_octets(most_octets)}")
            if time.monotonic() > deadline:
                self.close()
                raise ConnectionFailed(f"{self._place} did not end a line within {LINE_SECONDS} s")
            self._read += self._receive()
        line = bytes(self._read[:end])
        del self._read[: end + 1]
        return line.removesuffix(b"\r")

    def read_block(self, most_octets: int) -> Iterator[bytes]:
        """The lines of a dot block, without the dots that were put before them (RFC 3977 §3.1.1); reads on demand."""
        left = most_octets
        while (line := self.read_line(LINE_OCTETS)) != b".":
            left -= len(line) + 2
            if left < 0:
                self.close()
                raise UnreadableAnswer(f"the server sent an answer of more than {format_octets(most_octets)}")
            yield line[1:] if line.startswith(b".") else line

    def close(self) -> None:
        """End it, whatever state it is in."""
        with contextlib.suppress(OSError):
            self._socket.close()

    def _receive(self) -> bytes:
        try:
            received = self._socket.recv(_READ_OCTETS)
        except TimeoutError:
            raise ConnectionFailed(f"{self._place} was silent for {SILENCE_SECONDS} s") from None
        except OSError as error:
            raise ConnectionFailed(f"the connection to {self._place} ended: {_reason(error)}") from None
        if not received:
            raise ConnectionFailed(f"{self._place} closed the connection")
        return received


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return str(getattr(error, "strerror", None) or error)
