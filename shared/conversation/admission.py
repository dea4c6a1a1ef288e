"""The way of a connection into a door: whose it is, whether there is a place for it, TLS.

For protocols that are called with what comes. A `Conversation` waits for the same in its coroutine.
"""

from __future__ import annotations

from typing import Any, Protocol

from twisted.logger import Logger

from shared.clock import Clock
from shared.conversation import proxy_header
from shared.conversation.ending import Ending
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.conversation.peer import Peer, TlsDetails


class Entering(Protocol):
    """What the door has to know of a connection that comes in; a `Talk`."""

    factory: Any
    clock: Clock
    limits: Limits
    peer: Peer
    deadline: float
    tls: TlsDetails | None
    transport: Any
    _factory: ConversationFactory

    def entered(self, received: bytes) -> None:
        """It is in, and `received` has come already."""

    def turned_away(self, why: Ending) -> None:
        """There is no place: say so, and close."""

    def cut_off(self) -> None:
        """Close at once."""


class Admission:
    """What a connection has until it is in; it lets go of it then."""

    __slots__ = ("_connection", "_received", "is_waiting")
    _log = Logger()

    def __init__(self, connection: Any) -> None:
        """`connection` is an `Entering` whose transport is there."""
        self._connection: Entering = connection
        self._received = b""
        self.is_waiting = False  # for the PROXY header

    def begin(self) -> None:
        """Find out whose connection it is."""
        connection = self._connection
        connection.peer = Peer.from_address(connection.transport.getPeer())
        if hasattr(connection.transport, "setTcpNoDelay"):
            connection.transport.setTcpNoDelay(True)
        if connection._factory.trusts(connection.peer):
            self.is_waiting = True
            self._give_time()
        else:
            self._look_for_place(b"")

    def take(self, data: bytes) -> None:
        """More of the PROXY header that a trusted proxy sends first."""
        connection = self._connection
        self._received += data
        try:
            header = proxy_header.parse(self._received)
        except proxy_header.NotProxied as refused:
            self._log.info("{peer} sent no PROXY header: {reason}", peer=connection.peer.host, reason=str(refused))
            connection.cut_off()
            return
        if header is not None:
            self.is_waiting = False
            connection.peer = header.source or connection.peer
            self._look_for_place(self._received[header.size :])

    def handshake_completed(self) -> None:
        """TLS is established: it is in."""
        connection = self._connection
        secured = connection.transport.getHandle()
        connection.tls = TlsDetails(secured.get_protocol_version_name(), secured.get_cipher_name() or "")
        connection.entered(b"")

    def _look_for_place(self, received: bytes) -> None:
        connection = self._connection
        factory: Any = connection._factory
        refusal = factory.admit(connection)
        secure = factory.tls_options()
        if secure is None:
            if refusal is None:
                connection.entered(received)
            else:
                connection.turned_away(refusal)
        elif refusal is not None:
            connection.cut_off()  # a handshake would cost more than the refusal saves
        else:
            self._give_time()
            connection.transport.startTLS(secure)
            if received:
                connection.transport.protocol.dataReceived(received)

    def _give_time(self) -> None:
        connection = self._connection
        connection.deadline = connection.clock.seconds() + connection.limits.handshake.total_seconds()
