"""The way of a connection into a door: whose it is, whether there is a place for it, TLS."""

from __future__ import annotations

from typing import Any, Protocol

from twisted.logger import Logger

from shared.conversation import proxy_header
from shared.conversation.ending import Ending
from shared.conversation.factory import Talk
from shared.conversation.peer import Peer


class Arriving(Talk, Protocol):
    """A connection on its way in."""

    transport: Any

    def admitted(self, received: bytes) -> None:
        """The connection is admitted, and `received` has come already."""

    def refused(self, why: Ending) -> None:
        """There is no place."""


class Admission:
    """The admission of one connection, which drops it once it is admitted."""

    __slots__ = ("_connection", "_is_waiting", "_received")
    _log = Logger()

    def __init__(self, connection: Arriving) -> None:
        """`connection` has its transport."""
        self._connection = connection
        self._received = b""
        self._is_waiting = False  # for the PROXY header

    def begin(self) -> None:
        """Begin: find out which client it is."""
        connection = self._connection
        connection.peer = Peer.from_address(connection.transport.getPeer())
        if hasattr(connection.transport, "setTcpNoDelay"):
            connection.transport.setTcpNoDelay(True)  # what is sent is gathered already: nothing to wait for
        if connection.factory.trusts(connection.peer):
            self._is_waiting = True
            self._give_time()
        else:
            self._look_for_place(b"")

    def take(self, data: bytes) -> None:
        """More of the PROXY header that a trusted proxy sends first."""
        if not self._is_waiting:
            return  # it is being cut off
        connection = self._connection
        self._received += data
        try:
            header = proxy_header.parse(self._received)
        except proxy_header.NotProxied as refused:
            self._is_waiting = False
            self._log.info("{peer} sent no PROXY header: {reason}", peer=connection.peer.host, reason=str(refused))
            connection.cut_off()
            return
        if header is not None:
            self._is_waiting = False
            connection.peer = header.source or connection.peer
            self._look_for_place(self._received[header.size :])

    def _look_for_place(self, received: bytes) -> None:
        connection = self._connection
        refusal = connection.factory.admit(connection)
        secure = connection.factory.tls_options()
        if secure is None:
            if refusal is None:
                connection.admitted(received)
            else:
                connection.refused(refusal)
        elif refusal is not None:
            connection.cut_off()  # a refusal over TLS would cost a handshake
        else:
            self._give_time()
            connection.transport.startTLS(secure)
            if received:
                connection.transport.protocol.dataReceived(received)

    def _give_time(self) -> None:
        connection = self._connection
        connection.deadline = connection.clock.seconds() + connection.limits.handshake.total_seconds()
