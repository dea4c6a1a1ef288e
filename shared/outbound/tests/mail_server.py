"""A mail server that tests send to: it takes messages, or does what it is told to do wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from shared.testing.certificates import server_options
from shared.testing.reactor import running_reactor

Answer = bytes | None | Callable[["MailServerConnection", bytes], bytes | None]
HANG: Answer = None  # no answer
EXTENSIONS = (b"PIPELINING", b"SIZE 1000000", b"8BITMIME", b"SMTPUTF8")


@dataclass
class Taken:
    """A message that was answered with 250."""

    sender: str
    recipients: list[str]
    octets: bytes
    is_encrypted: bool
    mail: str  # the whole line


@dataclass
class Behaviour:
    """`answers`: by the verb, instead of the usual; DOT is the end of the message, CONNECT the greeting."""

    answers: Mapping[bytes, Answer] = field(default_factory=dict)
    extensions: tuple[bytes, ...] = EXTENSIONS
    offers_tls: bool = False
    breaks_tls: bool = False
    hangs_at_tls: bool = False
    tls: Any = None  # what `startTLS` takes; by default with a certificate for localhost


class MailServerConnection(Protocol):
    """One connection."""

    factory: Any
    transport: Any

    def __init__(self) -> None:
        self.received = b""
        self.lines: list[bytes] = []
        self.sender = self.mail = ""
        self.recipients: list[str] = []
        self.in_data = self.is_encrypted = False
        self.is_hanging = False  # an answer is due, and what comes next is not looked at

    def connectionMade(self) -> None:
        self.factory.connections += 1
        self.factory.open.append(self)
        self.answer(b"CONNECT", b"", b"220 mx.remote.test ESMTP\r\n")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.open.remove(self)

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        self.go_on()

    def answer_late(self, octets: bytes) -> None:
        """The answer that was not given."""
        self.transport.write(octets)
        self.is_hanging = False
        self.go_on()

    def go_on(self) -> None:
        while not self.is_hanging:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            if self.in_data and self.received.startswith(b".\r\n"):
                block, self.received = b"", self.received[3:]
            elif end in self.received:
                block, _, self.received = self.received.partition(end)
            else:
                return
            if self.in_data:
                self.in_data = False
                self.message(block + b"\r\n")
            else:
                self.command(block)

    def message(self, block: bytes) -> None:
        octets = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in block.split(b"\r\n"))
        if self.answer(b"DOT", octets, b"250 2.0.0 taken\r\n") and self.recipients:
            taken = Taken(self.sender, self.recipients, octets, self.is_encrypted, self.mail)
            self.factory.taken.append(taken)
        self.recipients = []

    def command(self, line: bytes) -> None:
        self.lines.append(line)
        self.factory.lines.append(line)
        verb = line[:4].upper()
        usual = b"250 2.0.0 ok\r\n"
        if verb == b"EHLO":
            offered = [b"mx.remote.test", *self.factory.behaviour.extensions]
            if self.factory.behaviour.offers_tls and not self.is_encrypted:
                offered.append(b"STARTTLS")
            usual = b"".join(b"250%b%b\r\n" % (b" " if each is offered[-1] else b"-", each) for each in offered)
        elif verb == b"STAR":
            self.transport.write(b"220 go ahead\r\n")
            if self.factory.behaviour.breaks_tls:
                self.transport.write(b"this is no TLS at all, and never will be one\r\n")
                self.transport.loseConnection()
            elif not self.factory.behaviour.hangs_at_tls:
                self.transport.startTLS(self.factory.behaviour.tls or server_options())
                self.is_encrypted = True
            return
        elif verb == b"MAIL":
            self.mail = line.decode()
            self.sender = line.partition(b"<")[2].partition(b">")[0].decode()
        elif verb == b"DATA":
            usual = b"354 go ahead\r\n" if self.recipients else b"554 5.5.1 no recipients\r\n"
        elif verb == b"QUIT":
            self.transport.write(b"221 2.0.0 bye\r\n")
            self.transport.loseConnection()
            return
        if self.answer(verb, line, usual):
            if verb == b"RCPT":
                self.recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
            self.in_data = verb == b"DATA"

    def answer(self, verb: bytes, line: bytes, usual: bytes) -> bool:
        """Whether the answer is a good one."""
        told = self.factory.behaviour.answers.get(verb, usual)
        octets = told(self, line) if callable(told) else told
        if octets is None:
            self.is_hanging = True
            return False
        self.transport.write(octets)
        return octets[:1] in (b"2", b"3")


class MailServer(Factory[MailServerConnection]):
    """The server; `taken` has the messages in their order."""

    protocol = MailServerConnection
    noisy = False

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.taken: list[Taken] = []
        self.lines: list[bytes] = []
        self.open: list[MailServerConnection] = []
        self.connections = 0
        self.port = 0
        self.arrived: Counter[str] = Counter()  # for tests that answer by themselves
        self.answered: list[str] = []

    @property
    def recipients(self) -> list[str]:
        """Of all messages."""
        return [each for taken in self.taken for each in taken.recipients]


@contextmanager
def serving_mail(behaviour: Behaviour | None = None, interface: str = "127.0.0.1") -> Iterator[MailServer]:
    """A server on a free port of the running reactor."""
    server = MailServer(behaviour)
    port: Any = running_reactor().listenTCP(0, server, interface=interface)
    server.port = port.getHost().port
    try:
        yield server
    finally:
        port.stopListening()
        for connection in list(server.open):
            connection.transport.abortConnection()
