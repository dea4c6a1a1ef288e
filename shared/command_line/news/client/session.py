"""A newsreader's session with a server: begun, encrypted, signed in (RFC 3977 §5, RFC 4642, RFC 4643)."""

from __future__ import annotations

import contextlib
import re
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from shared.command_line.news.client.connection import ANSWER_OCTETS, NewsConnection
from shared.command_line.news.client.errors import (
    ConnectionFailed,
    NewsError,
    NotEncrypted,
    RefusedByServer,
    UnreadableAnswer,
)

CAPABILITIES_OCTETS = 64 << 10  # some twenty short lines
_REPLY = re.compile(rb"([1-5]\d\d)(?:[ \t].*)?", re.S)
_CONTROLS = re.compile(rb"[\x00\r\n]")


class Security(Enum):
    """How the connection is encrypted."""

    BEST = "best"  # STARTTLS where another host offers it
    TLS = "tls"  # from the first octet
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NewsServer:
    """Where a news server is, and how it is spoken to. `tls` says whose certificates are trusted."""

    host: str
    port: int
    security: Security
    tls: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and its password."""

    name: str
    password: str = field(repr=False)


class NewsSession:
    """A session that has begun. Each operation raises NewsError, of which RefusedByServer leaves it in a good state."""

    def __init__(self, connection: NewsConnection) -> None:
        self._connection = connection
        self.capabilities: Mapping[str, Sequence[str]] = {}

    def ask(self, command: str, *expected: int) -> bytes:
        """Send `command`, and return the line that answers it with one of these codes; others raise RefusedByServer."""
        octets = command.encode("utf-8", "surrogateescape")
        if _CONTROLS.search(octets):
            raise NewsError("a command of NNTP cannot hold a line end or NUL")
        self._connection.write(octets + b"\r\n")
        return self.read_reply(*expected)

    def ask_for_block(self, command: str, *expected: int, most_octets: int = ANSWER_OCTETS) -> Iterator[bytes]:
        """The lines of the block that answers `command`. All of them must be read before the next command."""
        self.ask(command, *expected)
        return self._connection.read_block(most_octets)

    def read_reply(self, *expected: int) -> bytes:
        """The next reply's line. Raises RefusedByServer unless it has one of these codes."""
        line = self._connection.read_line()
        match = _REPLY.fullmatch(line)
        if match is None:
            raise UnreadableAnswer(f"this is no reply of NNTP: {str(RefusedByServer(0, line))[:200]}")
        code = int(match[1])
        if code not in expected:
            raise RefusedByServer(code, line)
        return line

    def send_block(self, octets: bytes) -> bytes:
        """Send proper lines as a dot block; the line that answers it with 240. Raises RefusedByServer."""
        stuffed = (b"." if octets.startswith(b".") else b"") + octets.replace(b"\r\n.", b"\r\n..")
        try:
            self._connection.write(stuffed + b".\r\n")
        except ConnectionFailed:
            with contextlib.suppress(ConnectionFailed, UnreadableAnswer):  # what the server said before it hung up
                return self.read_reply(240)
            raise
        return self.read_reply(240)

    def begin(self, server: NewsServer) -> None:
        """Greeting, capabilities, the way to the reader, encryption as `server` wants it."""
        self.read_reply(200, 201)
        self._learn_capabilities()
        if "READER" not in self.capabilities:
            try:
                self.ask("MODE READER", 200, 201)
            except RefusedByServer as refused:
                if refused.code not in (480, 500, 501):  # sign in first; it is a reader's server from the start
                    raise
            self._learn_capabilities()
        offered = "STARTTLS" in self.capabilities and not self._connection.stays_here
        if not self._connection.encrypted and (
            server.security is Security.STARTTLS or (server.security is Security.BEST and offered)
        ):
            self.ask("STARTTLS", 382)
            self._connection.encrypt(server.tls)
            self._learn_capabilities()  # RFC 4642 §2.2.2: those before may be anybody's

    def sign_in(self, credentials: Credentials) -> None:
        """AUTHINFO. Raises NotEncrypted rather than send a password in the clear to another host."""
        if not self._connection.encrypted and not self._connection.stays_here:
            raise NotEncrypted(
                f"the password would go in the clear to {self._connection.host}, which does not offer STARTTLS: "
                "nothing is sent"
            )
        if not credentials.name or " " in credentials.name:
            raise NewsError("this cannot be a name to sign in with")
        ways = self.capabilities.get("AUTHINFO", ("USER",))
        if "USER" not in ways and "PLAIN" in self.capabilities.get("SASL", ()):
            plain = b64encode(f"\0{credentials.name}\0{credentials.password}".encode("utf-8", "surrogateescape"))
            self.ask(f"AUTHINFO SASL PLAIN {plain.decode()}", 281, 283)
        else:
            line = self.ask(f"AUTHINFO USER {credentials.name}", 281, 381)
            if line.startswith(b"381"):
                self.ask(f"AUTHINFO PASS {credentials.password}", 281)
        self._learn_capabilities()

    def _learn_capabilities(self) -> None:
        """Servers older than RFC 3977 have none."""
        found: dict[str, Sequence[str]] = {}
        with contextlib.suppress(RefusedByServer):
            for line in self.ask_for_block("CAPABILITIES", 101, most_octets=CAPABILITIES_OCTETS):
                name, *words = line.decode("utf-8", "replace").upper().split() or [""]
                found[name] = words
        self.capabilities = found


@contextlib.contextmanager
def session_with(server: NewsServer, credentials: Credentials | None) -> Iterator[NewsSession]:
    """A session, signed in if there are credentials; QUIT is said at its end."""
    tls = server.tls if server.security is Security.TLS else None
    connection = NewsConnection(server.host, server.port, tls)
    try:
        session = NewsSession(connection)
        session.begin(server)
        if credentials is not None:
            session.sign_in(credentials)
        yield session
        with contextlib.suppress(NewsError):
            session.ask("QUIT", 205)
    finally:
        connection.close()
