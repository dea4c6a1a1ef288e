"""A relay between the standard streams and a server: as fast as the slower side takes it, in both directions."""

from __future__ import annotations

import os
from typing import Any

import click
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.stdio import StandardIO
from twisted.python.failure import Failure
from zope.interface import implementer

from shared.command_line.operators.connect_client.line_ends import LineEnds

STDIN, STDOUT = 0, 1


class Relay(Protocol):
    """The server's side of it. `ended` fires when it is over, and fails with what broke the connection."""

    def __init__(self, reactor: Any, host: str, *, raw: bool, wait_seconds: float) -> None:
        """`wait_seconds` of silence end it once the standard input has ended."""
        self.ended: Deferred[None] = Deferred()
        self._reactor = reactor
        self._host = host
        self._raw = raw
        self._wait_seconds = wait_seconds
        self._silence: Any = None
        self._streams: Any = None
        self._blocking = {stream: os.get_blocking(stream) for stream in (STDIN, STDOUT)}

    def connectionMade(self) -> None:
        """Say where, and begin to read the standard input."""
        transport: Any = self.transport
        click.echo(f"Connected to {self._host} ({transport.getPeer().host}).", err=True)
        make: Any = StandardIO  # its types are those of Windows
        self._streams = make(_Streams(self, None if self._raw else LineEnds()), STDIN, STDOUT)
        transport.registerProducer(self._streams, True)
        self._streams.registerProducer(transport, True)

    def dataReceived(self, data: bytes) -> None:
        """Show what came."""
        self._streams.write(data)
        if self._silence is not None:
            self._silence.reset(self._wait_seconds)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The server has closed it, or this side has."""
        if self._silence is not None and self._silence.active():
            self._silence.cancel()
        if self._streams is None or self._streams.disconnected:
            self._end(reason)
        else:
            self._streams.protocol.gone = reason
            self._streams.loseConnection()  # once all is written

    def send(self, data: bytes) -> None:
        """To the server."""
        transport: Any = self.transport
        transport.write(data)

    def input_ended(self) -> None:
        """The server may still answer what it was sent."""
        transport: Any = self.transport
        transport.unregisterProducer()
        self._silence = self._reactor.callLater(self._wait_seconds, transport.loseConnection)

    def output_ended(self, reason: Failure) -> None:
        """Nobody reads the standard output any more, or all of it is written."""
        transport: Any = self.transport
        if transport.connected:
            transport.abortConnection()
        else:
            self._end(reason)

    def _end(self, reason: Failure) -> None:
        for stream, blocking in self._blocking.items():
            os.set_blocking(stream, blocking)  # a terminal's are shared with the shell
        if self.ended.called:
            return
        if reason.check(ConnectionDone):
            self.ended.callback(None)
        else:
            self.ended.errback(reason)


@implementer(IHalfCloseableProtocol)
class _Streams(Protocol):
    """The standard streams' side."""

    def __init__(self, relay: Relay, line_ends: LineEnds | None) -> None:
        self._relay = relay
        self._line_ends = line_ends
        self.gone: Failure | None = None  # why the server is

    def dataReceived(self, data: bytes) -> None:
        self._relay.send(data if self._line_ends is None else self._line_ends.as_crlf(data))

    def readConnectionLost(self) -> None:
        self._relay.input_ended()

    def writeConnectionLost(self) -> None:
        """Told by connectionLost as well."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._relay.output_ended(self.gone or reason)
