"""A POP3 client (RFC 1939, RFC 2449, RFC 2595, RFC 5034)."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator, Sequence

from shared.command_line.mail.client.connection import (
    MESSAGE_OCTETS,
    MailConnection,
    MailServerPlace,
    MailServerRefused,
    plain_response,
)
from shared.command_line.news.client.errors import NewsError, UnreadableAnswer
from shared.command_line.news.client.session import Credentials

_TIMESTAMP = re.compile(rb"<[^<>\s]+@[^<>\s]+>")
_LISTING = re.compile(rb"(\d{1,9}) (\d{1,18})\b")


class PopClient:
    """A session that has begun and is signed in. Each operation raises NewsError."""

    def __init__(self, connection: MailConnection) -> None:
        self._connection = connection

    def ask(self, command: str) -> bytes:
        """The rest of the line that answers with +OK. Raises MailServerRefused."""
        self._connection.write(command.encode("utf-8", "surrogateescape") + b"\r\n")
        return self.read_answer()

    def read_answer(self) -> bytes:
        """The next answer."""
        line = self._connection.read_line()
        if line.startswith(b"+OK"):
            return line[3:].strip()
        if line.startswith(b"-ERR"):
            raise MailServerRefused(line)
        raise UnreadableAnswer(f"this is no answer of POP3: {MailServerRefused(line)}"[:200])

    def begin(self, credentials: Credentials) -> None:
        """Greeting, encryption as the server is to be spoken to, sign-in by SASL, APOP or USER, whatever it has."""
        timestamp = _TIMESTAMP.search(self.read_answer())
        capabilities = self._capabilities()
        if self._connection.wants_starttls("STLS" in capabilities):
            self.ask("STLS")
            self._connection.encrypt(self._connection.server.tls)
            capabilities = self._capabilities()
        name, password = credentials.name, credentials.password
        if re.search(r"[\r\n\0]", name + password):
            raise NewsError("name and password are one line each")
        if "PLAIN" in capabilities.get("SASL", ()):
            self.ask(f"AUTH PLAIN {plain_response(name, password).decode()}")
        elif timestamp is not None:
            secret = timestamp[0] + password.encode("utf-8", "surrogateescape")
            self.ask(f"APOP {name} {hashlib.md5(secret, usedforsecurity=False).hexdigest()}")
        else:
            self.ask(f"USER {name}")
            self.ask(f"PASS {password}")

    def list_messages(self) -> Sequence[tuple[int, int]]:
        """Number and octets of each."""
        self.ask("LIST")
        found = []
        for line in self._connection.read_block(MESSAGE_OCTETS):
            if match := _LISTING.match(line):
                found.append((int(match[1]), int(match[2])))
        return found

    def retrieve(self, number: int) -> bytes:
        """One message with proper line ends."""
        self.ask(f"RETR {number}")
        return b"".join(b"%b\r\n" % line for line in self._connection.read_block(MESSAGE_OCTETS))

    def _capabilities(self) -> dict[str, Sequence[str]]:
        found: dict[str, Sequence[str]] = {}
        with contextlib.suppress(MailServerRefused):  # servers without CAPA have none
            self.ask("CAPA")
            for line in self._connection.read_block(64 << 10):
                name, *words = line.decode("ascii", "replace").upper().split() or [""]
                found[name] = words
        return found


@contextlib.contextmanager
def pop_session(server: MailServerPlace, credentials: Credentials) -> Iterator[PopClient]:
    """A session, signed in. QUIT is said at its end only where the block has ended well: it deletes."""
    connection = MailConnection(server)
    try:
        session = PopClient(connection)
        session.begin(credentials)
        yield session
        session.ask("QUIT")
    finally:
        connection.close()
