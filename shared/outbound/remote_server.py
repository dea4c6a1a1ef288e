"""A connection to another mail server: replies in, commands and octets out, a limit of time for everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from OpenSSL import SSL
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.clock import Call, Clock
from shared.conversation import send_at_once
from shared.conversation.errors import LineTooLong
from shared.conversation.inbox import Inbox
from shared.outbound.remote_reply import RemoteReply, ServerFault, read_reply_line, reply_of
from shared.outbound.remote_tls import CertificateInvalid, ServerTls

LINE_OCTETS = 4096  # RFC 5321 §4.5.3.1.5 has 512
REPLY_OCTETS = 16 * 1024  # of one reply with all its lines; EHLO's have some 500
UNREAD_OCTETS = 128 * 1024  # replies to a hundred recipients that were sent together are some 10 KiB
LEAVING_SECONDS = 5  # for a server that does not take the QUIT
T = TypeVar("T")


class InvalidServer(ServerFault):
    """The server's certificate is not valid, and should be."""


@implementer(IHandshakeListener, IPushProducer)
class RemoteServer(Protocol):
    """What one coroutine talks with. Every fault ends the connection, and is raised where the coroutine waits."""

    transport: Any

    def __init__(self, clock: Clock, address: str) -> None:
        self.address = address
        self.is_encrypted = False
        self._clock = clock
        self._inbox = Inbox()
        self._fault: ServerFault | None = None
        self._waiting: Deferred[None] | None = None
        self._is_clogged = False
        self._is_handshaken = False
        self._lines: list[str] = []  # of the reply that is coming
        self._octets = 0
        self._leaving: Call | None = None

    # As Twisted calls us

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        if self._fault is None:
            self._inbox.append(data)
            if len(self._inbox) > UNREAD_OCTETS:
                self.end(ServerFault(f"the server sent {UNREAD_OCTETS >> 10} KiB that nobody asked for", "4.5.0"))
        self._wake()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._fault is None:
            self._fault = _fault_of(reason)
        if self._leaving is not None and self._leaving.active():
            self._leaving.cancel()
        self._wake()

    def handshakeCompleted(self) -> None:
        self._is_handshaken = True
        self._wake()

    def pauseProducing(self) -> None:
        self._is_clogged = True

    def resumeProducing(self) -> None:
        self._is_clogged = False
        self._wake()

    def stopProducing(self) -> None:
        """`connectionLost` follows."""

    # As the coroutine calls it

    @property
    def is_usable(self) -> bool:
        """Whether nothing has ended it, and the server has said nothing that was not asked for (as 421)."""
        return self._fault is None and not len(self._inbox)

    @property
    def has_ended(self) -> bool:
        return self._fault is not None

    def write(self, octets: bytes) -> None:
        if self._fault is None:
            send_at_once.send(self.transport, octets)

    async def drain(self, within: timedelta) -> None:
        """Return when the server takes more. Raises ServerFault."""
        await self._until(lambda: None if self._is_clogged else True, within)

    async def read_reply(self, within: timedelta) -> RemoteReply:
        """The next reply, whole. Raises ServerFault, also for what is too long."""
        return await self._until(self._take_reply, within)

    async def ask(self, command: str, within: timedelta) -> RemoteReply:
        """Send a command, and read the reply. Raises ServerFault."""
        self.write(command.encode() + b"\r\n")
        return await self.read_reply(within)

    async def start_tls(self, tls: ServerTls, within: timedelta) -> None:
        """Shake hands, as the client. Raises ServerFault, also if the server has sent octets ahead in the clear.

        InvalidServer is the one for a certificate that is not valid, where `tls` wants one.
        """
        if len(self._inbox):
            self.end(ServerFault("the server sent octets ahead of TLS", "4.7.5"))
        if self._fault is not None:
            raise self._fault
        self.transport.startTLS(tls, normal=False)  # the socket was made as a server's (shared/reach/race.py)
        await self._until(lambda: True if self._is_handshaken else None, within)
        try:
            tls.check(self.transport.getHandle())
        except CertificateInvalid as error:
            fault = InvalidServer(str(error), "4.7.5")
            self.end(fault)
            raise fault from error
        self.is_encrypted = True

    def end(self, fault: ServerFault) -> None:
        """Drop the connection; what waits raises `fault`."""
        if self._fault is None:
            self._fault = fault
            self.transport.abortConnection()
        self._wake()

    def leave(self) -> None:
        """Say QUIT, and close without waiting for the answer: nothing depends on it."""
        self.write(b"QUIT\r\n")
        if self._fault is None:
            self._fault = ServerFault("the connection is closed")
            self.transport.unregisterProducer()  # else TLS does not close
            self.transport.loseConnection()
            self._leaving = self._clock.callLater(LEAVING_SECONDS, self.transport.abortConnection)

    def _take_reply(self) -> RemoteReply | None:
        while True:
            try:
                line = self._inbox.take_line(LINE_OCTETS)
            except LineTooLong:
                line = None
                self._octets = REPLY_OCTETS + 1
            if line is not None:
                self._octets += len(line) + 2
            if self._octets > REPLY_OCTETS or (line is None and len(self._inbox) > LINE_OCTETS):
                raise ServerFault(f"a reply of the server is longer than {REPLY_OCTETS >> 10} KiB", "4.5.0")
            if line is None:
                return None
            code, is_last, text = read_reply_line(line)
            self._lines.append(text)
            if is_last:
                lines, self._lines, self._octets = self._lines, [], 0
                return reply_of(code, lines)

    async def _until(self, arrived: Callable[[], T | None], within: timedelta) -> T:
        timer = None
        try:
            while (found := self._looked(arrived)) is None:
                if timer is None:
                    timer = self._clock.callLater(within.total_seconds(), self._time_is_up, within)
                self._waiting = Deferred()
                await self._waiting
            return found
        finally:
            if timer is not None and timer.active():
                timer.cancel()

    def _looked(self, arrived: Callable[[], T | None]) -> T | None:
        """What came before the connection ended counts."""
        try:
            found = arrived()
        except ServerFault as fault:
            self.end(fault)
            raise
        if found is None and self._fault is not None:
            raise self._fault
        return found

    def _time_is_up(self, within: timedelta) -> None:
        self.end(ServerFault(f"the server did not answer within {within.total_seconds():g} s"))

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)


def _fault_of(reason: Failure) -> ServerFault:
    if isinstance(reason.value, SSL.Error) and "certificate verify failed" in str(reason.value):
        return InvalidServer("its certificate is by no authority that is trusted, or not of today", "4.7.5")
    return ServerFault("the server has closed the connection")
