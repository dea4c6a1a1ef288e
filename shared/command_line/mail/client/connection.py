"""A connection to a mail server: lines, dot blocks and literals, bounded in octets and in time."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass
from enum import Enum

from shared.command_line.news.client.connection import NewsConnection
from shared.command_line.news.client.errors import NewsError, UnreadableAnswer
from shared.command_line.terminal.printable import printable
from shared.octets import format_octets

MESSAGE_OCTETS = 256 << 20  # it is in memory
REPLY_OCTETS = 1 << 20  # an IMAP response without its literals: FLAGS of a large folder, LIST


class MailServerRefused(NewsError):
    """The server's answer is a refusal; the sentence is its line."""

    def __init__(self, line: bytes) -> None:
        super().__init__(printable(line.decode("utf-8", "replace")))


class MailEncryption(Enum):
    """How the connection is encrypted."""

    BEST = "best"  # what the server offers; in the clear to this machine alone
    TLS = "tls"  # from the first octet
    STARTTLS = "starttls"
    INSECURE = "insecure"  # the best that is offered, in the clear where that is nothing


@dataclass(frozen=True, slots=True)
class MailServerPlace:
    """Where a mail server is, and how it is spoken to. `tls` says whose certificates are trusted."""

    host: str
    port: int
    encryption: MailEncryption
    tls: ssl.SSLContext


class MailConnection(NewsConnection):
    """One connection, by POP3 or IMAP."""

    def __init__(self, server: MailServerPlace) -> None:
        """Connect; with TLS from the first octet if `server` wants it. Raises NewsError."""
        super().__init__(server.host, server.port, server.tls if server.encryption is MailEncryption.TLS else None)
        self.server = server

    def wants_starttls(self, offered: bool) -> bool:
        """Whether STARTTLS comes next. Raises NewsError where a password would go in the clear without it."""
        if self.encrypted:
            return False
        wanted = self.server.encryption
        if offered and (wanted is MailEncryption.STARTTLS or not self.stays_here):
            return True
        if wanted is MailEncryption.STARTTLS:
            raise NewsError(f"{self.host} does not offer STARTTLS")
        if wanted is MailEncryption.BEST and not self.stays_here:
            raise NewsError(
                f"the password would go in the clear to {self.host}, which does not offer STARTTLS: nothing is sent "
                "(--tls, or --insecure)"
            )
        return False

    def read_exactly(self, octets: int) -> bytes:
        """So many octets. Raises NewsError."""
        if octets > MESSAGE_OCTETS:
            self.close()
            raise UnreadableAnswer(f"the server would send more than {format_octets(MESSAGE_OCTETS)} at once")
        while len(self._read) < octets:
            self._read += self._receive()
        found = bytes(self._read[:octets])
        del self._read[:octets]
        return found


def plain_response(name: str, password: str) -> bytes:
    """The response of SASL PLAIN (RFC 4616)."""
    return b64encode(f"\0{name}\0{password}".encode("utf-8", "surrogateescape"))
